with messages as (
    select * from {{ ref('stg_helpdesk__messages') }}
),

latest as (
    select * from {{ ref('int_conversations__latest') }}
),

-- The same rule as Conversation.spoken in scoring_ops/conversation.py: what a judge may read.
spoken as (
    select * from messages
    where
        is_public
        and not redacted
        and kind in ('comment', 'call_transcript')
        and author_type in ('customer', 'human_agent', 'ai_agent')
        and {{ has_text('text') }}
),

final as (
    select
        spoken.workspace_id,
        spoken.source,
        spoken.conversation_id,
        spoken.message_id,
        spoken.position,
        spoken.sent_at,
        spoken.author_type
    from spoken
    inner join latest
        on
            {{ same_conversation('spoken', 'latest') }}
            and spoken.version_at = latest.version_at
)

select * from final
