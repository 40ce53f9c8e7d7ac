with lake as (
    select * from {{ source('lake', 'conversations') }}
),

typed as (
    select
        workspace_id,
        source,
        conversation_id,
        {{ utc_timestamp('version_at') }} as version_at,
        {{ utc_timestamp('created_at') }} as created_at,
        {{ utc_timestamp('first_closed_at') }} as first_closed_at,
        {{ utc_timestamp('last_closed_at') }} as last_closed_at,
        state,
        channel,
        language,
        subject,
        topic,
        team,
        {{ list_as_text('tags') }} as tags,
        customer_id,
        account_id,
        reopen_count,
        is_spam,
        is_merged,
        is_test,
        initiated_by,
        ai_agent_participated,
        ai_resolution_state,
        {{ utc_timestamp('ai_resolution_rescinded_at') }} as ai_resolution_rescinded_at,
        {{ utc_timestamp('csat_requested_at') }} as csat_requested_at,
        csat_rating,
        {{ utc_timestamp('csat_rated_at') }} as csat_rated_at,
        csat_scale,
        csat_remark,
        ai_csat_rating,
        vendor_cx_score,
        transcript_hash,
        source_metadata,
        {{ utc_timestamp('observed_at') }} as observed_at,
        extraction_run_id
    from lake
)

select * from typed
