with lake as (
    select * from {{ source('lake', 'llm_calls') }}
),

typed as (
    select
        workspace_id,
        source,
        cache_key,
        judge_version,
        model,
        transcript_hash,
        conversations,
        input_tokens,
        output_tokens,
        cost_usd,
        latency_ms,
        {{ utc_timestamp('started_at') }} as started_at,
        judging_run_id
    from lake
)

select * from typed
