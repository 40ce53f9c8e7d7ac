with weeks as (
    select * from {{ ref('int_process_faults__weekly') }}
),

-- What is usual: the same fault and topic in the weeks before, as far as the same scorer looked for it.
counted as (
    select
        weeks.workspace_id,
        weeks.week_start,
        weeks.fault,
        weeks.topic,
        weeks.scorer_version,
        weeks.scored,
        weeks.faulty,
        count(earlier.week_start) as baseline_weeks,
        cast(coalesce(sum(earlier.scored), 0) as bigint) as baseline_scored,
        cast(coalesce(sum(earlier.faulty), 0) as bigint) as baseline_faulty
    from weeks
    left join weeks as earlier
        on
            weeks.workspace_id = earlier.workspace_id
            and weeks.fault = earlier.fault
            and weeks.topic = earlier.topic
            and weeks.scorer_version = earlier.scorer_version
            and weeks.week_start > earlier.week_start
            and weeks.week_start <= cast({{ plus_days('earlier.week_start', 7 * baseline_weeks() | int) }} as date)
    group by
        weeks.workspace_id,
        weeks.week_start,
        weeks.fault,
        weeks.topic,
        weeks.scorer_version,
        weeks.scored,
        weeks.faulty
),

rated as (
    select
        *,
        {{ rate_columns('fault_rate', 'faulty', 'scored') }},
        {{ rate_columns('baseline_fault_rate', 'baseline_faulty', 'baseline_scored') }}
    from counted
),

compared as (
    select
        *,
        {{ independent_difference('fault_rate', 'fault_rate', 'baseline_fault_rate') }},
        case
            when {{ enough_expected('faulty', 'scored', 'baseline_faulty', 'baseline_scored') }}
                then {{ tested(
                    two_proportion_p('faulty', 'scored', 'baseline_faulty', 'baseline_scored'),
                    'scored', 'baseline_scored'
                ) }}
        end as fault_rate_p
    from rated
),

-- All faults and topics of a workspace's week are one family of tests: they are read side by side.
stepped as (
    select
        *,
        {{ benjamini_hochberg_step('fault_rate_p', 'workspace_id, week_start') }} as step
    from compared
),

adjusted as (
    select
        *,
        {{ benjamini_hochberg_q('step', 'fault_rate_p', 'workspace_id, week_start') }} as fault_rate_q
    from stepped
)

select
    workspace_id,
    week_start,
    fault,
    topic,
    scorer_version,

    ---------- how often
    scored,
    faulty,
    fault_rate,
    fault_rate_low,
    fault_rate_high,
    {{ low_n('scored') }} as low_n,

    ---------- against what is usual
    baseline_weeks,
    baseline_scored,
    baseline_faulty,
    baseline_fault_rate,
    baseline_fault_rate_low,
    baseline_fault_rate_high,
    fault_rate_diff,
    fault_rate_diff_low,
    fault_rate_diff_high,
    fault_rate_rel,
    fault_rate_p,
    fault_rate_q,
    case
        when baseline_weeks = 0 then null
        when fault_rate_p is null then 'too_small'
        when fault_rate_q > {{ q_limit() }} then 'noise'
        when fault_rate_diff > 0 then 'more'
        else 'fewer'
    end as fault_rate_label
from adjusted
