with evidence as (
    select * from {{ ref('int_routing__evidence') }}
),

rules as (
    select * from {{ ref('route_rules') }}
),

owners as (
    select * from {{ ref('route_owners') }}
),

subjects as (
    select distinct
        route_key,
        route,
        workspace_id,
        feedback_class,
        area
    from evidence
),

-- A rule without a window looks at all evidence there is.
in_window as (
    select
        evidence.*,
        rules.rule,
        rules.measure,
        rules.threshold,
        rules.window_days,
        rules.due,
        rules.due_hours
    from evidence
    inner join rules
        on
            evidence.route = rules.route
            and evidence.feedback_class = rules.feedback_class
            and (
                rules.window_days is null
                or evidence.said_at > {{ plus_days('evidence.newest_version_at', '-rules.window_days') }}
            )
),

measured as (
    select
        route_key,
        rule,
        threshold,
        window_days,
        due,
        due_hours,
        case measure
            when 'customers' then count(distinct customer_key)
            when 'conversations' then count(distinct conversation_key)
            when 'critical_conversations'
                then count(distinct conversation_key) filter (where severity = 'critical')
        end as measured_value
    from in_window
    group by route_key, rule, measure, threshold, window_days, due, due_hours
),

-- Where several rules fire, the most urgent one decides.
fired as (
    select
        *,
        row_number() over (
            partition by route_key
            order by due_hours, {{ bytewise('rule') }}
        ) as urgency
    from measured
    where measured_value >= threshold
),

-- The row that names most decides: an area before a class, a class before a workspace, "*" for the rest.
owned as (
    select
        subjects.route_key,
        owners.owner,
        owners.route = '*' as is_fallback_owner,
        row_number() over (
            partition by subjects.route_key
            order by
                case when owners.area = '*' then 1 else 0 end,
                case when owners.feedback_class = '*' then 1 else 0 end,
                case when owners.workspace_id = '*' then 1 else 0 end,
                case when owners.route = '*' then 1 else 0 end
        ) as preference
    from subjects
    inner join owners
        on
            owners.route in (subjects.route, '*')
            and owners.workspace_id in (subjects.workspace_id, '*')
            and owners.feedback_class in (subjects.feedback_class, '*')
            and lower(owners.area) in (subjects.area, '*')
),

final as (
    select
        subjects.route_key,
        fired.rule is not null as is_routed,
        fired.rule,
        fired.measured_value as rule_value,
        fired.threshold as rule_threshold,
        fired.window_days as rule_window_days,
        fired.due,
        fired.due_hours,
        owned.owner,
        owned.is_fallback_owner
    from subjects
    left join fired on subjects.route_key = fired.route_key and fired.urgency = 1
    left join owned on subjects.route_key = owned.route_key and owned.preference = 1
)

select * from final
