with versions as (
    select * from {{ ref('stg_helpdesk__conversations') }}
),

latest as (
    select * from {{ ref('int_conversations__latest') }}
    where first_closed_at is not null
),

messages as (
    select * from {{ ref('stg_helpdesk__messages') }}
    where kind = 'reopen'
),

-- What shows that a conversation was open again, and since when at the latest.
signs as (
    select
        latest.workspace_id,
        latest.source,
        latest.conversation_id,
        messages.sent_at as open_at
    from latest
    inner join messages
        on
            {{ same_conversation('latest', 'messages') }}
            and latest.version_at = messages.version_at
            and latest.first_closed_at <= messages.sent_at
    union all
    select
        latest.workspace_id,
        latest.source,
        latest.conversation_id,
        versions.version_at as open_at
    from latest
    inner join versions
        on
            {{ same_conversation('latest', 'versions') }}
            and latest.first_closed_at < versions.version_at
            and versions.state in ('open', 'snoozed')
    union all
    select
        workspace_id,
        source,
        conversation_id,
        last_closed_at as open_at
    from latest
    where first_closed_at < last_closed_at
),

earliest as (
    select
        workspace_id,
        source,
        conversation_id,
        min(open_at) as reopened_at
    from signs
    group by workspace_id, source, conversation_id
),

final as (
    select
        latest.workspace_id,
        latest.source,
        latest.conversation_id,
        earliest.reopened_at,
        coalesce(earliest.reopened_at <= {{ plus_days('latest.first_closed_at', 7) }}, false) as is_reopened
    from latest
    left join earliest on {{ same_conversation('latest', 'earliest') }}
)

select * from final
