with drivers as (
    select * from {{ ref('int_score_drivers__weekly') }}
),

weeks as (
    select * from {{ ref('int_conversations__weekly') }}
),

counted as (
    select
        drivers.*,
        weeks.scorer_version,
        weeks.scored,
        weeks.positive,
        case drivers.sign
            when 'negative' then weeks.positive + drivers.crossing
            else weeks.positive - drivers.crossing
        end as positive_without
    from drivers
    inner join weeks
        on
            drivers.workspace_id = weeks.workspace_id
            and drivers.week_start = weeks.week_start
),

rated as (
    select
        *,
        {{ rate_columns('scored_with_share', 'scored_with', 'scored') }},
        {{ rate_columns('crossing_share', 'crossing', 'scored') }},
        {{ rate_columns('cx_score', 'positive', 'scored') }},
        {{ rate_columns('cx_score_without', 'positive_without', 'scored') }}
    from counted
),

-- Every conversation moves the same way, so the interval of the difference is that of the share that moves.
compared as (
    select
        *,
        case sign when 'negative' then crossing_share else -crossing_share end as cx_score_without_diff,
        case sign when 'negative' then crossing_share_low else -crossing_share_high end as cx_score_without_diff_low,
        case sign when 'negative' then crossing_share_high else -crossing_share_low end as cx_score_without_diff_high
    from rated
)

select
    workspace_id,
    week_start,
    dimension,
    sign,
    scorer_version,

    ---------- how often, how much
    scored,
    scored_with,
    scored_with_share,
    scored_with_share_low,
    scored_with_share_high,
    {{ shown('cast(weight as double precision) / scored', 'scored') }} as points,

    ---------- the week without it
    positive,
    crossing,
    positive_without,
    cx_score,
    cx_score_low,
    cx_score_high,
    cx_score_without,
    cx_score_without_low,
    cx_score_without_high,
    cx_score_without_diff,
    cx_score_without_diff_low,
    cx_score_without_diff_high,
    cx_score_without_diff / nullif(cx_score, 0) as cx_score_without_rel,
    {{ low_n('scored') }} as low_n,
    case
        when scored >= {{ ample_n() }}
            then rank() over (
                partition by workspace_id, week_start, sign
                order by crossing desc, {{ rounded('abs(weight)') }} desc
            )
    end as driver_rank
from compared
