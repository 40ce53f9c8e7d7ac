-- Responders, silent and unasked make up the scored, agent mixes make up all, and no part exceeds its whole.
with comparison as (
    select * from {{ ref('rpt_csat_comparison') }}
),

mixes as (
    select
        workspace_id,
        period,
        week_start,
        sum(case when agent_mix = 'all' then -1 else 1 end * conversations) as conversations_left,
        sum(case when agent_mix = 'all' then -1 else 1 end * scored) as scored_left,
        sum(case when agent_mix = 'all' then -1 else 1 end * csat_rated) as rated_left,
        sum(case when agent_mix = 'all' then -1 else 1 end * positive) as positive_left
    from comparison
    group by workspace_id, period, week_start
),

wrong_groups as (
    select
        workspace_id,
        period,
        week_start,
        agent_mix
    from comparison
    where
        responders_scored + silent_scored + unasked_scored <> scored
        or responders_positive + silent_positive + unasked_positive <> positive
        or responders_scored + others_scored <> scored
        or asked_scored + unasked_scored <> scored
        or scored > conversations
        or csat_requested > conversations
        or csat_rated > csat_requested
        or csat_positive > csat_rated
        or responders_scored > csat_rated
        or both_positive > least(responders_positive, responders_csat_positive)
),

wrong_mixes as (
    select
        workspace_id,
        period,
        week_start,
        'all' as agent_mix
    from mixes
    where conversations_left <> 0 or scored_left <> 0 or rated_left <> 0 or positive_left <> 0
)

select * from wrong_groups
union all
select * from wrong_mixes
