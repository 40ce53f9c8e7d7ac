with items as (
    select * from {{ ref('stg_scoring__feedback_items') }}
),

champion_scores as (
    select * from {{ ref('int_scores__latest') }}
    where is_champion
),

conversations as (
    select * from {{ ref('int_conversations__latest') }}
    where not (is_spam or is_merged or is_test)
),

message_times as (
    select * from {{ ref('int_messages__times') }}
)

select
    ---------- identity
    items.feedback_item_id,
    items.workspace_id,
    items.source,
    items.conversation_id,
    items.scorer_version,
    items.version_at,
    champion_scores.is_current,
    conversations.customer_id,
    conversations.account_id,
    conversations.week_start,

    ---------- what is said
    items.dimension,
    items.sign,
    items.kind,
    case
        when items.dimension = 'policy_feedback' then 'policy'
        when items.kind in ('bug', 'stability') then 'defect'
        when items.kind = 'service' then 'service'
        else 'complaint'
    end as feedback_class,
    items.area,
    {{ stable_key(['items.workspace_id', 'items.dimension', 'lower(trim(items.area))']) }} as feedback_topic_id,
    conversations.topic,
    items.statement,
    items.severity,

    ---------- evidence
    items.evidence_kind,
    items.quote,
    items.message_id,
    items.author_type,
    items.start_offset,
    items.end_offset,
    items.match_kind,
    coalesce(
        message_times.sent_at, conversations.last_closed_at, conversations.first_closed_at, items.version_at
    ) as said_at
from items
inner join champion_scores
    on
        {{ same_conversation('items', 'champion_scores') }}
        and items.version_at = champion_scores.version_at
        and items.scorer_version = champion_scores.scorer_version
inner join conversations on {{ same_conversation('items', 'conversations') }}
left join message_times
    on
        {{ same_conversation('items', 'message_times') }}
        and items.message_id = message_times.message_id
