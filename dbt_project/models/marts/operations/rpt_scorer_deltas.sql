with pairs as (
    select * from {{ ref('int_scores__paired') }}
),

sliced as (
    select
        *,
        'all' as segment_kind,
        'all' as segment
    from pairs
    {% for kind in ['channel', 'language', 'agent_mix', 'topic'] %}
        union all
        select
            *,
            '{{ kind }}' as segment_kind,
            coalesce({{ kind }}, 'unknown') as segment
        from pairs
    {% endfor %}
),

counted as (
    select
        workspace_id,
        scorer_version,
        other_scorer_version,
        segment_kind,
        segment,
        count(*) as both_scored,
        count(*) filter (where score >= {{ positive_from() }}) as positive,
        count(*) filter (where other_score >= {{ positive_from() }}) as other_positive,
        count(*) filter (
            where (score >= {{ positive_from() }}) <> (other_score >= {{ positive_from() }})
        ) as flips,
        avg(cast(score as double precision)) as mean_score,
        avg(cast(other_score as double precision)) as other_mean_score,
        avg(cast(other_score - score as double precision)) as mean_diff,
        stddev_samp(cast(other_score - score as double precision)) as sd_diff
    from sliced
    group by workspace_id, scorer_version, other_scorer_version, segment_kind, segment
)

select
    workspace_id,
    scorer_version,
    other_scorer_version,
    segment_kind,
    segment,
    both_scored,
    positive,
    other_positive,
    flips,
    {{ rate_columns('flip_rate', 'flips', 'both_scored') }},
    {{ low_n('both_scored') }} as low_n,
    {{ shown('mean_score', 'both_scored') }} as mean_score,
    {{ shown('other_mean_score', 'both_scored') }} as other_mean_score,
    {{ shown('mean_diff', 'both_scored') }} as score_diff,
    {{ shown('mean_diff - ' ~ z_95() ~ ' * sd_diff / sqrt(both_scored)', 'both_scored') }} as score_diff_low,
    {{ shown('mean_diff + ' ~ z_95() ~ ' * sd_diff / sqrt(both_scored)', 'both_scored') }} as score_diff_high,
    {{ rate('other_positive - positive', 'both_scored') }} as cx_score_diff
from counted
