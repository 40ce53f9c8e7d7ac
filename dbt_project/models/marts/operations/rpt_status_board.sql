with signals as (
    select * from {{ ref('int_status__signals') }}
),

rules as (
    select * from {{ ref('status_rules') }}
),

workspaces as (
    select * from {{ ref('int_workspaces__settings') }}
),

areas as (
    select distinct
        area,
        signal
    from rules
),

-- Every area of every workspace has a row: what nothing is known of must not look as if it were well.
places as (
    select distinct
        workspaces.workspace_id,
        areas.area
    from workspaces
    cross join areas
),

measured as (
    select
        areas.area,
        signals.*
    from signals
    inner join areas on signals.signal = areas.signal
),

-- A rule fires where the whole interval lies beyond the threshold, so that chance alone rarely alarms anybody.
fired as (
    select
        measured.area,
        measured.workspace_id,
        measured.week_start,
        measured.signal,
        measured.value,
        measured.value_low,
        measured.value_high,
        measured.n,
        rules.status,
        rules.side,
        rules.threshold,
        rules.says,
        row_number() over (
            partition by measured.workspace_id, measured.area
            order by
                case when rules.status = 'act_now' then 0 else 1 end,
                {{ bytewise('measured.signal') }}
        ) as turn
    from measured
    inner join rules
        on
            measured.area = rules.area
            and measured.signal = rules.signal
            and (
                rules.side = 'below' and measured.value_high < rules.threshold
                or rules.side = 'above' and measured.value_low > rules.threshold
            )
),

summed as (
    select
        workspace_id,
        area,
        max(week_start) as week_start,
        count(*) as signals,
        count(value) as signals_known
    from measured
    group by workspace_id, area
),

counted as (
    select
        workspace_id,
        area,
        count(distinct signal) as signals_fired
    from fired
    group by workspace_id, area
)

select
    places.workspace_id,
    places.area,
    case
        when fired.status is not null then fired.status
        when summed.signals_known > 0 then 'running_well'
        else 'unknown'
    end as status,
    fired.signal as rule,
    fired.says,
    fired.value,
    fired.value_low,
    fired.value_high,
    fired.side,
    fired.threshold,
    fired.n,
    coalesce(fired.week_start, summed.week_start) as week_start,
    coalesce(counted.signals_fired, 0) as signals_fired,
    coalesce(summed.signals_known, 0) as signals_known,
    coalesce(summed.signals, 0) as signals
from places
left join summed
    on
        places.workspace_id = summed.workspace_id
        and places.area = summed.area
left join fired
    on
        places.workspace_id = fired.workspace_id
        and places.area = fired.area
        and fired.turn = 1
left join counted
    on
        places.workspace_id = counted.workspace_id
        and places.area = counted.area
