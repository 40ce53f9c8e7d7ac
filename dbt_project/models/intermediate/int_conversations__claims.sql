with conversations as (
    select * from {{ ref('fct_conversations') }}
    where is_scored
),

reasons as (
    select * from {{ ref('fct_score_reasons') }}
    where is_current and dimension in ('customer_effort', 'strong_emotion', 'process_fault')
),

issues as (
    select * from {{ ref('stg_scoring__issues') }}
),

claimed as (
    select
        workspace_id,
        source,
        conversation_id,
        bool_or(dimension = 'customer_effort' and value in ('moderate', 'high')) as has_effort,
        bool_or(dimension = 'strong_emotion' and value like 'negative:%') as has_negative_emotion,
        bool_or(dimension = 'strong_emotion' and value like 'positive:%') as has_positive_emotion,
        bool_or(dimension = 'process_fault') as has_fault
    from reasons
    group by workspace_id, source, conversation_id
),

found as (
    select
        conversations.workspace_id,
        conversations.source,
        conversations.conversation_id,
        count(*) as issues,
        count(*) filter (where issues.status = 'resolved') as issues_resolved
    from conversations
    inner join issues
        on
            {{ same_conversation('conversations', 'issues') }}
            and conversations.version_at = issues.version_at
            and conversations.scorer_version = issues.scorer_version
    group by conversations.workspace_id, conversations.source, conversations.conversation_id
),

final as (
    select
        conversations.workspace_id,
        conversations.source,
        conversations.conversation_id,
        conversations.week_start,
        coalesce(claimed.has_effort, false) as has_effort,
        coalesce(claimed.has_negative_emotion, false) as has_negative_emotion,
        coalesce(claimed.has_positive_emotion, false) as has_positive_emotion,
        coalesce(claimed.has_fault, false) as has_fault,
        coalesce(found.issues, 0) as issues,
        coalesce(found.issues_resolved, 0) as issues_resolved
    from conversations
    left join claimed on {{ same_conversation('conversations', 'claimed') }}
    left join found on {{ same_conversation('conversations', 'found') }}
)

select * from final
