-- Every conversation of the last week has one topic, unknown included.
with trends as (
    select * from {{ ref('rpt_topic_trends') }}
)

select
    workspace_id,
    sum(conversations) as conversations,
    max(week_conversations) as week_conversations
from trends
group by workspace_id
having
    sum(conversations) <> max(week_conversations)
    or min(week_conversations) <> max(week_conversations)
    or sum(conversations_before) <> max(week_conversations_before)
