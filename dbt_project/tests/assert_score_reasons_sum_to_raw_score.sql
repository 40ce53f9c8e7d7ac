-- A score explains itself: 3 plus the weights of its reasons is its raw score, for every conversation and scorer.
with scores as (
    select * from {{ ref('fct_conversation_scores') }}
),

reasons as (
    select * from {{ ref('fct_score_reasons') }}
),

summed as (
    select
        workspace_id,
        source,
        conversation_id,
        scorer_version,
        sum(weight) as weight
    from reasons
    group by workspace_id, source, conversation_id, scorer_version
)

select
    scores.workspace_id,
    scores.source,
    scores.conversation_id,
    scores.scorer_version,
    scores.raw_score,
    3 + coalesce(summed.weight, 0) as explained
from scores
left join summed
    on
        {{ same_conversation('scores', 'summed') }}
        and scores.scorer_version = summed.scorer_version
where abs(scores.raw_score - 3 - coalesce(summed.weight, 0)) > 1e-6
