with lake as (
    select * from {{ source('lake', 'issues') }}
),

typed as (
    select
        workspace_id,
        source,
        conversation_id,
        {{ utc_timestamp('version_at') }} as version_at,
        scorer_version,
        issue_position,
        issue,
        status,
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
