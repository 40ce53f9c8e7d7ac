with versions as (
    select * from {{ ref('stg_helpdesk__conversations') }}
),

latest as (
    select * from {{ ref('int_conversations__latest') }}
),

agent_mix as (
    select * from {{ ref('int_conversations__agent_mix') }}
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
        and latest.ai_resolution_rescinded_at is null
        -- Not every helpdesk takes it back when a person goes on where the AI agent stopped.
        and not agent_mix.is_followed_up_by_human as is_ai_resolved_as_of_now
    from latest
    inner join agent_mix on {{ same_conversation('latest', 'agent_mix') }}
    left join reported
        on
            {{ same_conversation('latest', 'reported') }}
            and reported.nth = 1
)

select * from final
