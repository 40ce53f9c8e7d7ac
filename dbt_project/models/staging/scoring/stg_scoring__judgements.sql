with lake as (
    select * from {{ source('lake', 'judgements') }}
),

typed as (
    select
        workspace_id,
        source,
        conversation_id,
        {{ utc_timestamp('version_at') }} as version_at,
        judge_version,
        rubric_version,
        transcript_hash,
        status,
        eligibility_profile,
        ineligible_rules,
        detail,
        cache_key,
        claims_json,
        windows,
        cached,
        judging_run_id
    from lake
)

select * from typed
