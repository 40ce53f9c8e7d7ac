with messages as (
    select * from {{ ref('int_messages__public') }}
),

-- Message ids are the helpdesk's; where one occurs twice in a conversation, its first time counts.
final as (
    select
        workspace_id,
        source,
        conversation_id,
        message_id,
        min(sent_at) as sent_at
    from messages
    group by workspace_id, source, conversation_id, message_id
)

select * from final
