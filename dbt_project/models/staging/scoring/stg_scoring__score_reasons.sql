with lake as (
    select * from {{ source('lake', 'score_reasons') }}
),

typed as (
    select
        workspace_id,
        source,
        conversation_id,
        {{ utc_timestamp('version_at') }} as version_at,
        scorer_version,
        reason_position,
        claim,
        dimension,
        value,
        sign,
        weight,
        evidence_kind,
        quote,
        message_id,
        author_type,
        start_offset,
        end_offset,
        match_kind,
        evidence_count
    from lake
)

select * from typed
