with reviews as (
    select * from {{ ref('fct_conversation_reviews') }}
    where scorer_version is not null
),

drawn as (
    select
        *,
        case when is_control and not saw_score then 'control' else 'queue' end as drawn
    from reviews
),

counted as (
    select
        workspace_id,
        scorer_version,
        drawn,
        count(*) as reviewed,
        count(*) filter (where reviewers > 1) as reviewed_by_several,
        count(*) filter (where is_disputed) as disputed,
        count(*) filter (where is_overridden) as overridden,
        count(*) filter (where is_negative_by_people) as people_negative,
        count(*) filter (where is_negative_by_scorer) as scorer_negative,
        count(*) filter (where is_negative_by_people and is_negative_by_scorer) as both_negative,
        count(*) filter (where is_negative_by_people = is_negative_by_scorer) as same_side,
        avg(people_score - score) as mean_diff
    from drawn
    group by workspace_id, scorer_version, drawn
)

select
    workspace_id,
    scorer_version,
    drawn,
    reviewed,
    reviewed_by_several,
    disputed,
    overridden,
    people_negative,
    scorer_negative,
    both_negative,
    same_side,
    {{ rate_columns('agreement', 'same_side', 'reviewed') }},
    {{ rate_columns('override_rate', 'overridden', 'reviewed') }},
    {{ rate_columns('negative_precision', 'both_negative', 'scorer_negative') }},
    {{ rate_columns('negative_recall', 'both_negative', 'people_negative') }},
    {{ shown('mean_diff', 'reviewed') }} as score_diff,
    {{ low_n('reviewed') }} as low_n
from counted
