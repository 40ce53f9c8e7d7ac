with latest as (
    select * from {{ ref('int_conversations__latest') }}
),

messages as (
    select * from {{ ref('int_messages__public') }}
),

counted as (
    select
        workspace_id,
        source,
        conversation_id,
        count(*) filter (where author_type = 'customer') as customer_messages,
        count(*) filter (where author_type = 'human_agent') as human_agent_messages,
        count(*) filter (where author_type = 'ai_agent') as ai_agent_messages,
        max(position) filter (where author_type = 'human_agent') as last_human_agent_position,
        max(position) filter (where author_type = 'ai_agent') as last_ai_agent_position
    from messages
    group by workspace_id, source, conversation_id
),

every_conversation as (
    select
        latest.workspace_id,
        latest.source,
        latest.conversation_id,
        coalesce(counted.customer_messages, 0) as customer_messages,
        coalesce(counted.human_agent_messages, 0) as human_agent_messages,
        coalesce(counted.ai_agent_messages, 0) as ai_agent_messages,
        coalesce(counted.last_human_agent_position > counted.last_ai_agent_position, false)
            as is_followed_up_by_human
    from latest
    left join counted on {{ same_conversation('latest', 'counted') }}
),

final as (
    select
        *,
        case
            when human_agent_messages > 0 and ai_agent_messages > 0 then 'mixed'
            when ai_agent_messages > 0 then 'ai_only'
            when human_agent_messages > 0 then 'human_only'
            else 'none'
        end as agent_mix
    from every_conversation
)

select * from final
