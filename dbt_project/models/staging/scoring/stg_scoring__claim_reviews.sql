with lake as (
    select * from {{ source('lake', 'claim_reviews') }}
),

typed as (
    select
        workspace_id,
        source,
        conversation_id,
        {{ utc_timestamp('version_at') }} as version_at,
        scorer_version,
        reason_position,
        reviewer,
        dimension,
        value,
        is_supported,
        {{ utc_timestamp('reviewed_at') }} as reviewed_at
    from lake
)

select * from typed
