with conversations as (
    select * from {{ ref('fct_conversations') }}
    where is_in_population
),

-- A resolution without any reply of the AI agent is a mistake of the helpdesk's; it is nobody's success.
marked as (
    select
        *,
        ai_agent_messages > 0 as is_ai,
        ai_agent_messages > 0 and is_ai_resolved_as_of_now as is_resolved,
        ai_agent_messages > 0 and is_ai_resolved_as_first_reported as is_first_resolved
    from conversations
),

final as (
    select
        workspace_id,
        week_start,

        count(*) as conversations,
        count(*) filter (where is_eligible) as eligible,
        count(*) filter (where is_ai) as ai_conversations,
        count(*) filter (where agent_mix = 'ai_only') as ai_only,
        count(*) filter (where is_ai and is_eligible) as ai_eligible,

        count(*) filter (where is_resolved) as ai_resolved,
        count(*) filter (where is_resolved and ai_resolution_state = 'confirmed') as ai_resolved_confirmed,
        count(*) filter (where is_resolved and ai_resolution_state = 'assumed') as ai_resolved_assumed,
        count(*) filter (where is_resolved and is_scored) as ai_resolved_scored,
        count(*) filter (where is_resolved and is_scored and score <= {{ negative_to() }}) as ai_resolved_negative,

        count(*) filter (where is_first_resolved) as ai_resolved_as_first_reported,
        count(*) filter (where is_first_resolved and is_scored) as ai_resolved_scored_as_first_reported,
        count(*) filter (where is_first_resolved and is_scored and score <= {{ negative_to() }})
            as ai_resolved_negative_as_first_reported,
        count(*) filter (where is_first_resolved and not is_resolved) as ai_rescinded,
        count(*) filter (where is_resolved and not is_first_resolved) as ai_resolved_later,
        count(*) filter (where is_resolved and is_first_resolved) as ai_resolved_throughout
    from marked
    group by workspace_id, week_start
)

select * from final
