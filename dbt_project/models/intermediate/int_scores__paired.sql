with scores as (
    select * from {{ ref('int_scores__latest') }}
    where is_of_latest_version
),

conversations as (
    select * from {{ ref('fct_conversations') }}
    where is_scored
),

final as (
    select
        conversations.workspace_id,
        conversations.source,
        conversations.conversation_id,
        conversations.channel,
        conversations.language,
        conversations.agent_mix,
        conversations.topic,
        conversations.scorer_version,
        conversations.score,
        others.scorer_version as other_scorer_version,
        others.score as other_score
    from conversations
    inner join scores as others
        on
            {{ same_conversation('conversations', 'others') }}
            and conversations.scorer_version <> others.scorer_version
)

select * from final
