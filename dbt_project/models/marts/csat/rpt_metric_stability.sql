with weeks as (
    select
        *,
        rate - avg(rate) over (partition by workspace_id, metric) as distance
    from {{ ref('int_stability__weeks') }}
),

summed as (
    select
        workspace_id,
        metric,
        count(*) as weeks,
        min(week_start) as first_week_start,
        max(week_start) as last_week_start,
        sum(n) as observations,
        avg(cast(n as double precision)) as mean_n,
        avg(cast(csat_n as double precision)) as mean_csat_n,
        avg(rate) as mean_rate,
        stddev_samp(rate) as weekly_sd,
        avg(sampling_variance) as sampling_variance,
        avg(drawn_variance) as drawn_variance,
        sum(distance * distance) as squares,
        sum(drawn_variance) as added,
        sum(drawn_variance * drawn_variance) as added_squares,
        sum(distance * distance * drawn_variance) as squares_by_added
    from weeks
    group by workspace_id, metric
),

explained as (
    select
        *,
        weekly_sd * weekly_sd as weekly_variance,
        sqrt(sampling_variance) as sampling_sd,
        sqrt(weekly_sd * weekly_sd + drawn_variance) as sd_at_csat_n,
        case
            when weeks >= {{ minimum_weeks() }}
                then {{ drawn_deviation_low('weeks', 'squares', 'added', 'added_squares', 'squares_by_added') }}
        end as sd_at_csat_n_low,
        case
            when weeks >= {{ minimum_weeks() }}
                then {{ drawn_deviation_high('weeks', 'squares', 'added', 'added_squares', 'squares_by_added') }}
        end as sd_at_csat_n_high
    from summed
),

final as (
    select
        *,
        case when weekly_variance > 0 then least(1.0, sampling_variance / weekly_variance) end as sampling_share,
        sqrt(greatest(0.0, weekly_variance - sampling_variance)) as excess_sd
    from explained
)

select
    final.workspace_id,
    final.metric,
    cast(final.weeks as bigint) as weeks,
    final.first_week_start,
    final.last_week_start,
    cast(final.observations as bigint) as observations,
    final.mean_n,

    ---------- how much it moves, and how much of that is chance
    {% for name in ['mean_rate', 'weekly_sd'] -%}
        case when final.weeks >= {{ minimum_weeks() }} then final.{{ name }} end as {{ name }},
    {% endfor -%}
    case
        when final.weeks >= {{ minimum_weeks() }} then {{ standard_deviation_low('final.weekly_sd', 'final.weeks') }}
    end as weekly_sd_low,
    case
        when final.weeks >= {{ minimum_weeks() }} then {{ standard_deviation_high('final.weekly_sd', 'final.weeks') }}
    end as weekly_sd_high,
    {% for name in ['sampling_sd', 'sampling_share', 'excess_sd'] -%}
        case when final.weeks >= {{ minimum_weeks() }} then final.{{ name }} end as {{ name }},
    {% endfor -%}

    ---------- net of n: as if only as many conversations were known as have a rating
    final.mean_csat_n,
    case when final.weeks >= {{ minimum_weeks() }} then final.sd_at_csat_n end as sd_at_csat_n,
    final.sd_at_csat_n_low,
    final.sd_at_csat_n_high,
    case when final.weeks >= {{ minimum_weeks() }} then final.sd_at_csat_n - csat.weekly_sd end
        as sd_at_csat_n_diff,
    case
        when
            final.weeks >= {{ minimum_weeks() }}
            then {{ relative('final.sd_at_csat_n - csat.weekly_sd', 'csat.weekly_sd') }}
    end
        as sd_at_csat_n_rel
from final
inner join final as csat
    on
        final.workspace_id = csat.workspace_id
        and csat.metric = 'csat_score'
