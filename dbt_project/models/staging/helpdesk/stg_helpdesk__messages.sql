with lake as (
    select * from {{ source('lake', 'messages') }}
),

typed as (
    select
        workspace_id,
        source,
        conversation_id,
        {{ utc_timestamp('version_at') }} as version_at,
        message_id,
        position,
        {{ utc_timestamp('sent_at') }} as sent_at,
        author_type,
        author_id,
        is_public,
        kind,
        text,
        redacted
    from lake
)

select * from typed
