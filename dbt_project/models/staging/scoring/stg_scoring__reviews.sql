with lake as (
    select * from {{ source('lake', 'reviews') }}
),

typed as (
    select
        workspace_id,
        source,
        conversation_id,
        {{ utc_timestamp('version_at') }} as version_at,
        reviewer,
        role,
        transcript_hash,
        score,
        resolution,
        customer_effort,
        comment,
        drawn_by,
        saw_score,
        shown_scorer_version,
        shown_score,
        {{ utc_timestamp('reviewed_at') }} as reviewed_at
    from lake
)

select * from typed
