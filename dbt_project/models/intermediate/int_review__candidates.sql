with scored as (
    select
        conversations.workspace_id,
        conversations.source,
        conversations.conversation_id,
        conversations.version_at,
        conversations.week_start,
        conversations.scorer_version,
        conversations.csat_rating_counted as csat_rating,
        scores.score,
        scores.raw_score,
        scores.judge_rating,
        scores.confidence,
        scores.claims_total,
        scores.claims_proven
    from {{ ref('fct_conversations') }} as conversations
    inner join {{ ref('fct_conversation_scores') }} as scores
        on {{ same_conversation('conversations', 'scores') }} and scores.is_current
    where conversations.is_scored
),

shadows as (
    select
        workspace_id,
        source,
        conversation_id,
        max(abs(other_score - score)) as score_diff
    from {{ ref('int_scores__paired') }}
    where (score >= {{ positive_from() }}) <> (other_score >= {{ positive_from() }})
    group by workspace_id, source, conversation_id
),

final as (
    select
        *,
        'random_control' as reason,
        cast(0 as double precision) as reason_value
    from scored
    union all
    select
        *,
        'evidence_rejected' as reason,
        cast(claims_total - claims_proven as double precision) as reason_value
    from scored
    where claims_total > claims_proven
    union all
    select
        *,
        'sides_differ' as reason,
        cast(abs(judge_rating - raw_score) as double precision) as reason_value
    from scored
    where (judge_rating >= {{ positive_from() }}) <> (score >= {{ positive_from() }})
    union all
    select
        *,
        'low_confidence' as reason,
        1 - confidence as reason_value
    from scored
    union all
    select
        *,
        'csat_differs' as reason,
        cast(abs(csat_rating - score) as double precision) as reason_value
    from scored
    where (csat_rating >= {{ positive_from() }}) <> (score >= {{ positive_from() }})
    union all
    select
        scored.*,
        'shadow_differs' as reason,
        cast(shadows.score_diff as double precision) as reason_value
    from scored
    inner join shadows on {{ same_conversation('scored', 'shadows') }}
)

select * from final
