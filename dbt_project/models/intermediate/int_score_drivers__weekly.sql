with conversations as (
    select * from {{ ref('fct_conversations') }}
    where is_scored
),

scores as (
    select * from {{ ref('fct_conversation_scores') }}
    where is_current
),

reasons as (
    select * from {{ ref('fct_score_reasons') }}
    where is_current and sign <> 'neutral'
),

pulls as (
    select
        workspace_id,
        source,
        conversation_id,
        dimension,
        sign,
        sum(weight) as weight
    from reasons
    group by workspace_id, source, conversation_id, dimension, sign
),

pulled as (
    select
        conversations.workspace_id,
        conversations.week_start,
        pulls.dimension,
        pulls.sign,
        pulls.weight,
        {{ is_positive_raw('scores.raw_score') }} as is_positive,
        {{ is_positive_raw('scores.raw_score - pulls.weight') }} as is_positive_without
    from pulls
    inner join conversations on {{ same_conversation('pulls', 'conversations') }}
    inner join scores on {{ same_conversation('pulls', 'scores') }}
),

final as (
    select
        workspace_id,
        week_start,
        dimension,
        sign,
        count(*) as scored_with,
        sum(weight) as weight,
        -- Without what pulls down a score can only rise, without what pulls up only fall.
        count(*) filter (
            where sign = 'negative' and is_positive_without and not is_positive
            or sign = 'positive' and is_positive and not is_positive_without
        ) as crossing
    from pulled
    group by workspace_id, week_start, dimension, sign
)

select * from final
