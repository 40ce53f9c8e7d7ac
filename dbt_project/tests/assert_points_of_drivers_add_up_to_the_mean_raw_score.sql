-- Points are additive, and hold every reason once: 3 plus those of a week are the mean of its raw scores.
with conversations as (
    select * from {{ ref('fct_conversations') }}
    where is_scored
),

scores as (
    select * from {{ ref('fct_conversation_scores') }}
    where is_current
),

means as (
    select
        conversations.workspace_id,
        conversations.week_start,
        avg(scores.raw_score) as mean_raw_score
    from conversations
    inner join scores on {{ same_conversation('conversations', 'scores') }}
    group by conversations.workspace_id, conversations.week_start
    having count(*) >= {{ minimum_n() }}
),

explained as (
    select
        workspace_id,
        week_start,
        3 + sum(points) as mean_raw_score
    from {{ ref('rpt_score_drivers_weekly') }}
    group by workspace_id, week_start
)

select
    means.workspace_id,
    means.week_start,
    means.mean_raw_score,
    explained.mean_raw_score as explained
from means
left join explained
    on
        means.workspace_id = explained.workspace_id
        and means.week_start = explained.week_start
where abs(means.mean_raw_score - coalesce(explained.mean_raw_score, 3)) > 1e-6
