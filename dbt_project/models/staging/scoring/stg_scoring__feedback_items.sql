with lake as (
    select * from {{ source('lake', 'feedback_items') }}
),

typed as (
    select
        workspace_id,
        source,
        conversation_id,
        {{ utc_timestamp('version_at') }} as version_at,
        scorer_version,
        feedback_item_id,
        dimension,
        sign,
        kind,
        area,
        statement,
        severity,
        evidence_kind,
        quote,
        message_id,
        author_type,
        start_offset,
        end_offset,
        match_kind
    from lake
)

select * from typed
