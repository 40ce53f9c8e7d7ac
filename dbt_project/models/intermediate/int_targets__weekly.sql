with weeks as (
    select * from {{ ref('int_conversations__weekly') }}
),

targets as (
    select * from {{ ref('targets') }}
),

-- A workspace's own target wins over the one for all ("*"), then the latest that has begun.
ranked as (
    select
        weeks.workspace_id,
        weeks.week_start,
        targets.metric,
        targets.target,
        row_number() over (
            partition by weeks.workspace_id, weeks.week_start, targets.metric
            order by
                case when targets.workspace_id = '*' then 1 else 0 end,
                targets.from_week desc
        ) as preference
    from weeks
    inner join targets
        on
            targets.workspace_id in (weeks.workspace_id, '*')
            and weeks.week_start >= targets.from_week
),

final as (
    select
        workspace_id,
        week_start,
        metric,
        target
    from ranked
    where preference = 1
)

select * from final
