with messages as (
    select * from {{ ref('int_messages__public') }}
),

opened as (
    select
        workspace_id,
        source,
        conversation_id,
        min(position) as first_position,
        min(position) filter (where author_type = 'customer') as first_customer_position,
        min(sent_at) filter (where author_type = 'customer') as first_customer_at
    from messages
    group by workspace_id, source, conversation_id
),

replied as (
    select
        opened.workspace_id,
        opened.source,
        opened.conversation_id,
        min(messages.sent_at) as first_reply_at,
        min(messages.sent_at) filter (where messages.author_type = 'human_agent') as first_human_reply_at
    from opened
    inner join messages
        on
            {{ same_conversation('opened', 'messages') }}
            and messages.author_type <> 'customer'
            and opened.first_customer_position < messages.position
            and opened.first_customer_at <= messages.sent_at
    group by opened.workspace_id, opened.source, opened.conversation_id
),

-- Nobody waits for the first answer to a conversation that an agent began.
final as (
    select
        opened.workspace_id,
        opened.source,
        opened.conversation_id,
        coalesce(opened.first_position < opened.first_customer_position, true) as is_agent_started,
        case when opened.first_position = opened.first_customer_position then opened.first_customer_at end
            as first_customer_at,
        case when opened.first_position = opened.first_customer_position then replied.first_reply_at end
            as first_reply_at,
        case when opened.first_position = opened.first_customer_position then replied.first_human_reply_at end
            as first_human_reply_at
    from opened
    left join replied on {{ same_conversation('opened', 'replied') }}
)

select * from final
