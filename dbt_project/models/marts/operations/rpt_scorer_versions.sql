with scores as (
    select * from {{ ref('fct_conversation_scores') }}
),

settings as (
    select * from {{ ref('int_workspaces__settings') }}
),

week_scorers as (
    select * from {{ ref('int_scorers__weekly') }}
),

validations as (
    select * from {{ ref('validation_reports') }}
),

costs as (
    select * from {{ ref('rpt_cost_daily') }}
),

counted as (
    select
        scorer_version,
        max(judge_version) as judge_version,
        max(rubric_version) as rubric_version,
        max(scorecard_version) as scorecard_version,
        bool_and(is_validated) as is_validated,
        min(scored_at) as first_scored_at,
        max(scored_at) as last_scored_at,
        count(distinct workspace_id) as workspaces,
        count(*) as scored,
        count(*) filter (where score >= {{ positive_from() }}) as positive,
        count(*) filter (where score <= {{ negative_to() }}) as negative,
        avg(cast(score as double precision)) as mean_score,
        avg(confidence) as mean_confidence,
        cast(sum(claims_total) as bigint) as claims_total,
        cast(sum(claims_proven) as bigint) as claims_proven
    from scores
    group by scorer_version
),

in_use as (
    select
        champion_scorer_version as scorer_version,
        count(*) as workspaces_in_use
    from settings
    group by champion_scorer_version
),

reported as (
    select
        scorer_version,
        count(*) as weeks_reported,
        max(week_start) as last_week_reported
    from week_scorers
    group by scorer_version
),

paid as (
    select
        scorer_version,
        cast(sum(calls) as bigint) as calls,
        cast(sum(unpriced) as bigint) as unpriced,
        sum(cost_usd) as known_cost_usd
    from costs
    group by scorer_version
),

validated as (
    select
        scorer_version,
        validated_on,
        gold_positive,
        gold_negative,
        true_positive,
        true_negative,
        gold_positive - true_positive as false_negative,
        gold_negative - true_negative as false_positive
    from validations
),

joined as (
    select
        counted.*,
        coalesce(in_use.workspaces_in_use, 0) as workspaces_in_use,
        coalesce(reported.weeks_reported, 0) as weeks_reported,
        reported.last_week_reported,
        coalesce(paid.calls, 0) as calls,
        coalesce(paid.unpriced, 0) as unpriced,
        case
            when paid.scorer_version is null then 0
            when paid.unpriced = 0 then paid.known_cost_usd
        end as cost_usd,
        validated.validated_on,
        validated.gold_positive,
        validated.gold_negative,
        validated.true_positive,
        validated.true_negative,
        cast(2 * validated.true_positive as double precision)
        / nullif(2 * validated.true_positive + validated.false_positive + validated.false_negative, 0) as positive_f1,
        cast(2 * validated.true_negative as double precision)
        / nullif(2 * validated.true_negative + validated.false_positive + validated.false_negative, 0)
            as not_positive_f1
    from counted
    left join in_use on counted.scorer_version = in_use.scorer_version
    left join reported on counted.scorer_version = reported.scorer_version
    left join paid on counted.scorer_version = paid.scorer_version
    left join validated on counted.scorer_version = validated.scorer_version
)

select
    ---------- identity
    scorer_version,
    judge_version,
    rubric_version,
    scorecard_version,

    ---------- use
    case
        when workspaces_in_use > 0 then 'in_use'
        when weeks_reported > 0 then 'replaced'
        else 'shadow'
    end as role,
    workspaces_in_use,
    weeks_reported,
    last_week_reported,
    workspaces,
    first_scored_at,
    last_scored_at,

    ---------- what it says
    scored,
    positive,
    negative,
    {{ rate_columns('cx_score', 'positive', 'scored') }},
    {{ rate_columns('negative_share', 'negative', 'scored') }},
    {{ low_n('scored') }} as low_n,
    {{ shown('mean_score', 'scored') }} as mean_score,
    {{ shown('mean_confidence', 'scored') }} as mean_confidence,

    ---------- what it can prove
    claims_total,
    claims_proven,
    {{ rate_columns('evidence_valid_rate', 'claims_proven', 'claims_total') }},

    ---------- how it did against people
    is_validated,
    validated_on,
    gold_positive,
    gold_negative,
    true_positive,
    true_negative,
    {{ rate_columns('sensitivity', 'true_positive', 'gold_positive') }},
    {{ rate_columns('specificity', 'true_negative', 'gold_negative') }},
    {{ shown('positive_f1', 'gold_positive + gold_negative') }} as positive_f1,
    {{ shown('not_positive_f1', 'gold_positive + gold_negative') }} as not_positive_f1,

    ---------- what it took
    calls,
    unpriced,
    cost_usd,
    1000 * cost_usd / scored as cost_usd_per_1000
from joined
