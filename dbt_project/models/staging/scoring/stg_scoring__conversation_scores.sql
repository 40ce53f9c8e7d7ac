with lake as (
    select * from {{ source('lake', 'conversation_scores') }}
),

typed as (
    select
        workspace_id,
        source,
        conversation_id,
        {{ utc_timestamp('version_at') }} as version_at,
        scorer_version,
        judge_version,
        rubric_version,
        scorecard_version,
        transcript_hash,
        score,
        raw_score,
        judge_rating,
        confidence,
        summary,
        language,
        grounds,
        grounds_code,
        what_would_change_it,
        agent_mix_at_score,
        claims_total,
        claims_proven,
        windows,
        is_validated,
        {{ utc_timestamp('scored_at') }} as scored_at,
        scoring_run_id
    from lake
)

select * from typed
