-- The report and the rows that BI counts are the same conversations.
with by_row as (
    select
        workspace_id,
        week_start,
        count(*) filter (where is_in_population) as conversations,
        count(*) filter (where is_scored and score >= {{ positive_from() }}) as positive,
        count(*) filter (where is_in_population and is_csat_rated) as csat_rated
    from {{ ref('fct_conversations') }}
    group by workspace_id, week_start
    having count(*) filter (where is_in_population) > 0
),

by_week as (
    select * from {{ ref('rpt_cx_weekly') }}
)

select
    coalesce(by_row.workspace_id, by_week.workspace_id) as workspace_id,
    coalesce(by_row.week_start, by_week.week_start) as week_start,
    by_row.conversations as conversations_by_row,
    by_week.conversations as conversations_by_week
from by_row
full join by_week
    on
        by_row.workspace_id = by_week.workspace_id
        and by_row.week_start = by_week.week_start
where
    by_row.conversations is null
    or by_week.conversations is null
    or by_row.conversations <> by_week.conversations
    or by_row.positive <> by_week.positive
    or by_row.csat_rated <> by_week.csat_rated
