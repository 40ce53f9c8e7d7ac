with lake as (
    select * from {{ source('lake', 'rejected') }}
),

typed as (
    select
        workspace_id,
        source,
        record_ref,
        conversation_id,
        rule,
        detail,
        {{ utc_timestamp('observed_at') }} as observed_at,
        extraction_run_id
    from lake
)

select * from typed
