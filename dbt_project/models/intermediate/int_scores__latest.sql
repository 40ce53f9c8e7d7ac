with scores as (
    select * from {{ ref('stg_scoring__conversation_scores') }}
),

conversations as (
    select * from {{ ref('int_conversations__latest') }}
),

settings as (
    select * from {{ ref('int_workspaces__settings') }}
),

week_scorers as (
    select * from {{ ref('int_scorers__weekly') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by workspace_id, source, conversation_id, scorer_version
            order by version_at desc
        ) as recency
    from scores
),

final as (
    select
        ranked.workspace_id,
        ranked.source,
        ranked.conversation_id,
        ranked.version_at,
        ranked.scorer_version,
        ranked.judge_version,
        ranked.rubric_version,
        ranked.scorecard_version,
        ranked.score,
        ranked.raw_score,
        ranked.judge_rating,
        ranked.confidence,
        ranked.summary,
        ranked.language,
        ranked.grounds,
        ranked.grounds_code,
        ranked.what_would_change_it,
        ranked.agent_mix_at_score,
        ranked.claims_total,
        ranked.claims_proven,
        ranked.windows,
        ranked.is_validated,
        ranked.scored_at,
        coalesce(ranked.version_at = conversations.version_at, false) as is_of_latest_version,
        coalesce(
            ranked.scorer_version = coalesce(week_scorers.scorer_version, settings.champion_scorer_version), false
        ) as is_champion,
        -- A version that came after the scored one (a customer who came back) makes the score one of the past:
        -- it explains, but it counts in no rate until the new version is scored.
        coalesce(
            ranked.scorer_version = coalesce(week_scorers.scorer_version, settings.champion_scorer_version)
            and ranked.version_at = conversations.version_at,
            false
        ) as is_current
    from ranked
    left join conversations on {{ same_conversation('ranked', 'conversations') }}
    left join settings on ranked.workspace_id = settings.workspace_id
    left join week_scorers
        on
            ranked.workspace_id = week_scorers.workspace_id
            and conversations.week_start = week_scorers.week_start
    where ranked.recency = 1
)

select * from final
