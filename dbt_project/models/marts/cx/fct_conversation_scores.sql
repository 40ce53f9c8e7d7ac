with scores as (
    select * from {{ ref('int_scores__latest') }}
),

conversations as (
    select * from {{ ref('int_conversations__latest') }}
)

select
    ---------- identity
    scores.workspace_id,
    scores.source,
    scores.conversation_id,
    scores.scorer_version,
    scores.version_at,
    conversations.week_start,

    ---------- what it is worth
    scores.is_current,
    scores.is_champion,
    scores.is_validated,

    ---------- score
    scores.score,
    scores.raw_score,
    scores.judge_rating,
    scores.confidence,
    scores.summary,
    scores.language,
    scores.grounds,
    scores.grounds_code,
    scores.what_would_change_it,
    scores.agent_mix_at_score,
    scores.claims_total,
    scores.claims_proven,
    scores.windows,

    ---------- how it was made
    scores.judge_version,
    scores.rubric_version,
    scores.scorecard_version,
    scores.scored_at
from scores
left join conversations on {{ same_conversation('scores', 'conversations') }}
