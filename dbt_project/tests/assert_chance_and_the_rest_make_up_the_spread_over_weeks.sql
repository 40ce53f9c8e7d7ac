-- Variances add up where chance explains less than all, and both metrics of a workspace stand on the same weeks.
with stability as (
    select * from {{ ref('rpt_metric_stability') }}
),

wrong_spreads as (
    select
        workspace_id,
        metric
    from stability
    where
        sampling_sd <= weekly_sd
        and abs(weekly_sd * weekly_sd - sampling_sd * sampling_sd - excess_sd * excess_sd) > 1e-9
),

wrong_weeks as (
    select
        cx.workspace_id,
        cx.metric
    from stability as cx
    left join stability as csat
        on
            cx.workspace_id = csat.workspace_id
            and csat.metric = 'csat_score'
    where
        csat.weeks is null
        or cx.weeks <> csat.weeks
        or cx.first_week_start <> csat.first_week_start
        or cx.last_week_start <> csat.last_week_start
)

select * from wrong_spreads
union all
select * from wrong_weeks
