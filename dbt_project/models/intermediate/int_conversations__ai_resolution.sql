with versions as (
    select * from {{ ref('stg_helpdesk__conversations') }}
),

latest as (
    select * from {{ ref('int_conversations__latest') }}
),

reported as (
    select
        workspace_id,
        source,
        conversation_id,
        ai_resolution_state,
        row_number() over (
            partition by workspace_id, source, conversation_id
            order by version_at
        ) as nth
    from versions
    where ai_resolution_state is not null
),

final as (
    select
        latest.workspace_id,
        latest.source,
        latest.conversation_id,
        coalesce(reported.ai_resolution_state in ('assumed', 'confirmed'), false)
            as is_ai_resolved_as_first_reported,
        coalesce(latest.ai_resolution_state in ('assumed', 'confirmed'), false)
        and latest.ai_resolution_rescinded_at is null as is_ai_resolved_as_of_now
    from latest
    left join reported
        on
            {{ same_conversation('latest', 'reported') }}
            and reported.nth = 1
)

select * from final
