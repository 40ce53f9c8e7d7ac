-- However a week is cut, the parts are the whole: no conversation is lost or counted twice.
with segments as (
    select
        workspace_id,
        week_start,
        segment_kind,
        sum(conversations) as conversations,
        sum(scored) as scored,
        sum(positive) as positive,
        sum(csat_rated) as csat_rated
    from {{ ref('rpt_cx_weekly_by_segment') }}
    group by workspace_id, week_start, segment_kind
),

weeks as (
    select * from {{ ref('rpt_cx_weekly') }}
)

select
    weeks.workspace_id,
    weeks.week_start,
    segments.segment_kind,
    weeks.conversations,
    segments.conversations as conversations_of_segments
from weeks
left join segments
    on
        weeks.workspace_id = segments.workspace_id
        and weeks.week_start = segments.week_start
where
    segments.conversations is null
    or weeks.conversations <> segments.conversations
    or weeks.scored <> segments.scored
    or weeks.positive <> segments.positive
    or weeks.csat_rated <> segments.csat_rated
