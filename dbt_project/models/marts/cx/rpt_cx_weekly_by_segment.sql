with segments as (
    select * from {{ ref('int_conversations__weekly_segments') }}
),

weeks as (
    select * from {{ ref('int_conversations__weekly') }}
),

counted as (
    select
        segments.*,
        weeks.scored - segments.scored as rest_scored,
        weeks.positive - segments.positive as rest_positive,
        weeks.is_immature
    from segments
    inner join weeks
        on
            segments.workspace_id = weeks.workspace_id
            and segments.week_start = weeks.week_start
),

rated as (
    select
        *,
        {{ rate_columns('cx_score', 'positive', 'scored') }},
        {{ rate_columns('cx_score_rest', 'rest_positive', 'rest_scored') }},
        {{ rate_columns('negative_share', 'negative', 'scored') }},
        {{ rate_columns('cx_coverage', 'scored', 'conversations') }},
        {{ rate_columns('csat_coverage', 'csat_rated', 'conversations') }},
        {{ rate_columns('csat_score', 'csat_positive', 'csat_rated') }}
    from counted
),

-- The same segment in the calendar week before, where the same scorer made both scores.
compared as (
    select
        rated.*,
        before.scored as scored_before,
        rated.cx_score - rated.cx_score_rest as cx_score_rest_diff,
        {{ newcombe_low('rated.cx_score', 'rated.cx_score_low', 'rated.cx_score_rest', 'rated.cx_score_rest_high') }}
            as cx_score_rest_diff_low,
        {{ newcombe_high('rated.cx_score', 'rated.cx_score_high', 'rated.cx_score_rest', 'rated.cx_score_rest_low') }}
            as cx_score_rest_diff_high,
        (rated.cx_score - rated.cx_score_rest) / nullif(rated.cx_score_rest, 0) as cx_score_rest_rel,
        {{ tested(
            two_proportion_p('rated.positive', 'rated.scored', 'rated.rest_positive', 'rated.rest_scored'),
            'rated.scored', 'rated.rest_scored'
        ) }} as cx_score_rest_p,
        rated.cx_score - before.cx_score as cx_score_week_diff,
        {{ newcombe_low('rated.cx_score', 'rated.cx_score_low', 'before.cx_score', 'before.cx_score_high') }}
            as cx_score_week_diff_low,
        {{ newcombe_high('rated.cx_score', 'rated.cx_score_high', 'before.cx_score', 'before.cx_score_low') }}
            as cx_score_week_diff_high,
        (rated.cx_score - before.cx_score) / nullif(before.cx_score, 0) as cx_score_week_rel,
        {{ tested(
            two_proportion_p('rated.positive', 'rated.scored', 'before.positive', 'before.scored'),
            'rated.scored', 'before.scored'
        ) }} as cx_score_week_p
    from rated
    left join rated as before
        on
            rated.workspace_id = before.workspace_id
            and rated.segment_kind = before.segment_kind
            and rated.segment = before.segment
            and rated.week_start = cast({{ plus_days('before.week_start', 7) }} as date)
            and rated.scorer_version = before.scorer_version
),

-- All segments of a workspace's week, of every kind, are one family of tests: they are read side by side.
stepped as (
    select
        *,
        {{ benjamini_hochberg_step('cx_score_rest_p', 'workspace_id, week_start') }} as rest_step,
        {{ benjamini_hochberg_step('cx_score_week_p', 'workspace_id, week_start') }} as week_step
    from compared
),

adjusted as (
    select
        *,
        {{ benjamini_hochberg_q('rest_step', 'cx_score_rest_p', 'workspace_id, week_start') }} as cx_score_rest_q,
        {{ benjamini_hochberg_q('week_step', 'cx_score_week_p', 'workspace_id, week_start') }} as cx_score_week_q
    from stepped
)

select
    workspace_id,
    week_start,
    segment_kind,
    segment,

    ---------- customer experience
    scorer_version,
    conversations,
    eligible,
    scored,
    positive,
    neutral,
    negative,
    cx_score,
    cx_score_low,
    cx_score_high,
    {{ low_n('scored') }} as low_n,
    negative_share,
    negative_share_low,
    negative_share_high,
    {{ shown('mean_score', 'scored') }} as mean_score,
    cx_coverage,
    cx_coverage_low,
    cx_coverage_high,

    ---------- against the rest of the same week
    rest_scored,
    rest_positive,
    cx_score_rest,
    cx_score_rest_low,
    cx_score_rest_high,
    cx_score_rest_diff,
    cx_score_rest_diff_low,
    cx_score_rest_diff_high,
    cx_score_rest_rel,
    cx_score_rest_p,
    cx_score_rest_q,
    case
        when scored = 0 or rest_scored = 0 then null
        when cx_score_rest_p is null then 'too_small'
        when cx_score_rest_q > {{ q_limit() }} then 'noise'
        when cx_score_rest_diff > 0 then 'better'
        else 'worse'
    end as cx_score_rest_label,

    ---------- against the same segment in the week before
    cx_score_week_diff,
    cx_score_week_diff_low,
    cx_score_week_diff_high,
    cx_score_week_rel,
    cx_score_week_p,
    cx_score_week_q,
    case
        when scored_before is null then null
        when cx_score_week_p is null then 'too_small'
        when cx_score_week_q > {{ q_limit() }} then 'noise'
        else 'real'
    end as cx_score_week_label,

    ---------- surveys of people's service
    csat_requested,
    csat_rated,
    csat_positive,
    csat_coverage,
    csat_coverage_low,
    csat_coverage_high,
    csat_score,
    csat_score_low,
    csat_score_high,
    {{ low_n('csat_rated') }} as csat_low_n,
    is_immature
from adjusted
