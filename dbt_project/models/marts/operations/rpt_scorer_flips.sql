with pairs as (
    select * from {{ ref('int_scores__paired') }}
),

counted as (
    select
        workspace_id,
        scorer_version,
        other_scorer_version,
        score,
        other_score,
        count(*) as conversations
    from pairs
    group by workspace_id, scorer_version, other_scorer_version, score, other_score
),

totals as (
    select
        workspace_id,
        scorer_version,
        other_scorer_version,
        cast(sum(conversations) as bigint) as both_scored
    from counted
    group by workspace_id, scorer_version, other_scorer_version
)

select
    counted.workspace_id,
    counted.scorer_version,
    counted.other_scorer_version,
    cast(counted.score as integer) as score,
    cast(counted.other_score as integer) as other_score,
    counted.conversations,
    totals.both_scored,
    (counted.score >= {{ positive_from() }}) <> (counted.other_score >= {{ positive_from() }}) as is_flip,
    {{ rate_columns('conversation_share', 'counted.conversations', 'totals.both_scored') }},
    {{ low_n('totals.both_scored') }} as low_n
from counted
inner join totals
    on
        counted.workspace_id = totals.workspace_id
        and counted.scorer_version = totals.scorer_version
        and counted.other_scorer_version = totals.other_scorer_version
