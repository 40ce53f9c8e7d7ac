with subjects as (
    select * from {{ ref('int_routing__subjects') }}
    where route = 'product_feedback'
),

decisions as (
    select * from {{ ref('int_routing__decisions') }}
)

select
    ---------- identity
    subjects.route_key,
    subjects.workspace_id,
    subjects.feedback_class,
    subjects.feedback_topic_id,
    subjects.area,

    ---------- decision
    decisions.is_routed,
    decisions.rule,
    decisions.rule_value,
    decisions.rule_threshold,
    decisions.rule_window_days,
    decisions.owner,
    decisions.is_fallback_owner,
    decisions.due,
    decisions.due_hours,

    ---------- reach
    subjects.severity,
    subjects.items,
    subjects.customers,
    subjects.accounts,
    subjects.conversations,
    subjects.customers_last_14_days,
    subjects.customers_previous_14_days,
    subjects.first_seen_at,
    subjects.last_seen_at,

    ---------- evidence
    subjects.quotes,
    subjects.scorer_version
from subjects
inner join decisions on subjects.route_key = decisions.route_key
