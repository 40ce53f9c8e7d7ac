with lake as (
    select * from {{ source('lake', 'dimension_scores') }}
),

typed as (
    select
        workspace_id,
        source,
        conversation_id,
        {{ utc_timestamp('version_at') }} as version_at,
        scorer_version,
        dimension,
        value,
        contribution,
        claims,
        proven
    from lake
)

select * from typed
