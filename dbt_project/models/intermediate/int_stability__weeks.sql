with weekly as (
    select * from {{ ref('int_conversations__weekly') }}
),

-- Both metrics on the same weeks: those that show both rates, and whose ratings are all in.
rated as (
    select
        workspace_id,
        week_start,
        scored,
        positive,
        csat_rated,
        csat_positive,
        {{ rate('positive', 'scored') }} as cx_score,
        {{ rate('csat_positive', 'csat_rated') }} as csat_score
    from weekly
    where not is_immature and scored >= {{ minimum_n() }} and csat_rated >= {{ minimum_n() }}
),

final as (
    select
        workspace_id,
        week_start,
        'cx_score' as metric,
        scored as n,
        positive,
        csat_rated as csat_n,
        cx_score as rate,
        {{ sampling_variance('cx_score', 'scored') }} as sampling_variance,
        {{ drawn_variance('cx_score', 'scored', 'csat_rated') }} as drawn_variance
    from rated
    union all
    select
        workspace_id,
        week_start,
        'csat_score' as metric,
        csat_rated as n,
        csat_positive as positive,
        csat_rated as csat_n,
        csat_score as rate,
        {{ sampling_variance('csat_score', 'csat_rated') }} as sampling_variance,
        0.0 as drawn_variance
    from rated
)

select * from final
