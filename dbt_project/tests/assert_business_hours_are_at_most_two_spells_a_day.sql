-- The calendar knows two spells a day; a third, or one that ends before it begins or overlaps, would count wrong hours.
with hours as (
    select
        workspace_id,
        weekday,
        opens,
        closes,
        row_number() over (partition by workspace_id, weekday order by opens) as nth,
        lag(closes) over (partition by workspace_id, weekday order by opens) as closed_before
    from {{ ref('business_hours') }}
)

select *
from hours
where
    nth > 2
    or closes <= opens
    or opens < closed_before
    or length(opens) <> 5
    or length(closes) <> 5
