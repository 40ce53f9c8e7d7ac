-- What stays under the thresholds is counted, not lost.
with items as (
    select * from {{ ref('fct_feedback_items') }}
    where sign = 'negative'
),

routes as (
    select
        feedback_topic_id,
        feedback_class,
        items
    from {{ ref('route_product_feedback') }}
    union all
    select
        feedback_topic_id,
        feedback_class,
        items
    from {{ ref('route_policy_feedback') }}
),

counted as (
    select
        feedback_topic_id,
        feedback_class,
        count(*) as items
    from items
    group by feedback_topic_id, feedback_class
)

select
    counted.feedback_topic_id,
    counted.feedback_class,
    counted.items,
    routes.items as items_in_route
from counted
left join routes
    on
        counted.feedback_topic_id = routes.feedback_topic_id
        and counted.feedback_class = routes.feedback_class
where
    routes.items is null
    or counted.items <> routes.items
