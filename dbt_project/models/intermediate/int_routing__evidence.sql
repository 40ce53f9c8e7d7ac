with items as (
    select * from {{ ref('fct_feedback_items') }}
    where sign = 'negative'
),

reasons as (
    select * from {{ ref('fct_score_reasons') }}
    where is_champion
),

conversations as (
    select * from {{ ref('fct_conversations') }}
    where not (is_spam or is_merged or is_test)
),

settings as (
    select * from {{ ref('int_workspaces__settings') }}
),

feedback as (
    select
        dimension as route,
        workspace_id,
        feedback_class,
        feedback_topic_id as subject_id,
        feedback_topic_id,
        cast(null as varchar) as subject_source,
        cast(null as varchar) as subject_conversation_id,
        lower(trim(area)) as area,
        source,
        conversation_id,
        customer_id,
        account_id,
        severity,
        quote,
        said_at,
        scorer_version
    from items
),

-- A legal threat is answered for its conversation, not for a topic.
legal_threats as (
    select
        'policy_feedback' as route,
        reasons.workspace_id,
        'legal_threat' as feedback_class,
        {{ stable_key(['reasons.source', 'reasons.conversation_id']) }} as subject_id,
        cast(null as varchar) as feedback_topic_id,
        reasons.source as subject_source,
        reasons.conversation_id as subject_conversation_id,
        'legal' as area,
        reasons.source,
        reasons.conversation_id,
        conversations.customer_id,
        conversations.account_id,
        cast(null as varchar) as severity,
        reasons.quote,
        reasons.said_at,
        reasons.scorer_version
    from reasons
    inner join conversations on {{ same_conversation('reasons', 'conversations') }}
    where
        reasons.dimension = 'risk'
        and reasons.value = 'legal'
),

united as (
    select * from feedback
    union all
    select * from legal_threats
),

final as (
    select
        -- No scorer version in the key: scoring again updates a row, it never doubles one.
        {{ stable_key(['united.route', 'united.workspace_id', 'united.feedback_class', 'united.subject_id']) }}
            as route_key,
        united.route,
        united.workspace_id,
        united.feedback_class,
        united.feedback_topic_id,
        united.subject_source,
        united.subject_conversation_id,
        united.area,
        {{ stable_key(['united.source', 'united.conversation_id']) }} as conversation_key,
        -- Helpdesks number their customers each for itself; an unknown customer is one per conversation.
        case
            when united.customer_id is null then {{ stable_key(['united.source', 'united.conversation_id']) }}
            else {{ stable_key(['united.source', 'united.customer_id']) }}
        end as customer_key,
        case when united.account_id is not null then {{ stable_key(['united.source', 'united.account_id']) }} end
            as account_key,
        united.severity,
        united.quote,
        united.said_at,
        united.scorer_version,
        settings.newest_version_at
    from united
    inner join settings on united.workspace_id = settings.workspace_id
)

select * from final
