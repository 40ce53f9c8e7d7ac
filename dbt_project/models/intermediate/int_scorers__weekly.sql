with scores as (
    select * from {{ ref('stg_scoring__conversation_scores') }}
),

conversations as (
    select * from {{ ref('int_conversations__latest') }}
),

settings as (
    select * from {{ ref('int_workspaces__settings') }}
),

counted as (
    select
        conversations.workspace_id,
        conversations.week_start,
        scores.scorer_version,
        max(scores.judge_version) as judge_version,
        max(scores.scored_at) as last_scored_at,
        count(*) as scored
    from conversations
    inner join scores
        on
            {{ same_conversation('conversations', 'scores') }}
            and conversations.version_at = scores.version_at
    where conversations.week_start is not null
    group by conversations.workspace_id, conversations.week_start, scores.scorer_version
),

-- The champion, unless it has scored less than half as many as another: a week that it has not been asked about, or
-- only for a sample, keeps the scorer that it was published with. A week never mixes two.
ranked as (
    select
        counted.*,
        row_number() over (
            partition by counted.workspace_id, counted.week_start
            order by
                case when counted.scorer_version = settings.champion_scorer_version then 2 else 1 end
                * counted.scored desc,
                case when counted.scorer_version = settings.champion_scorer_version then 0 else 1 end,
                counted.last_scored_at desc,
                counted.scorer_version desc
        ) as preference
    from counted
    inner join settings on counted.workspace_id = settings.workspace_id
),

final as (
    select
        workspace_id,
        week_start,
        scorer_version,
        judge_version
    from ranked
    where preference = 1
)

select * from final
