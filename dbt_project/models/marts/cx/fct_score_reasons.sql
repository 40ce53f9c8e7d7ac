with reasons as (
    select * from {{ ref('stg_scoring__score_reasons') }}
),

scores as (
    select * from {{ ref('int_scores__latest') }}
),

conversations as (
    select * from {{ ref('int_conversations__latest') }}
),

message_times as (
    select * from {{ ref('int_messages__times') }}
)

select
    ---------- identity
    reasons.workspace_id,
    reasons.source,
    reasons.conversation_id,
    reasons.scorer_version,
    reasons.reason_position,
    reasons.version_at,
    scores.is_current,
    scores.is_champion,

    ---------- contribution
    reasons.claim,
    reasons.dimension,
    reasons.value,
    reasons.sign,
    reasons.weight,

    ---------- evidence
    reasons.evidence_kind,
    reasons.quote,
    reasons.message_id,
    reasons.author_type,
    reasons.start_offset,
    reasons.end_offset,
    reasons.match_kind,
    reasons.evidence_count,
    coalesce(
        message_times.sent_at, conversations.last_closed_at, conversations.first_closed_at, reasons.version_at
    ) as said_at
from reasons
inner join scores
    on
        {{ same_conversation('reasons', 'scores') }}
        and reasons.version_at = scores.version_at
        and reasons.scorer_version = scores.scorer_version
left join conversations on {{ same_conversation('reasons', 'conversations') }}
left join message_times
    on
        {{ same_conversation('reasons', 'message_times') }}
        and reasons.message_id = message_times.message_id
where reasons.match_kind <> 'rejected'
