with claims as (
    select
        reasons.workspace_id,
        reasons.scorer_version,
        reasons.dimension,
        count(*) as claims,
        count(*) filter (where reasons.match_kind <> 'rejected') as proven
    from {{ ref('stg_scoring__score_reasons') }} as reasons
    inner join {{ ref('int_scores__latest') }} as scores
        on
            {{ same_conversation('reasons', 'scores') }}
            and reasons.version_at = scores.version_at
            and reasons.scorer_version = scores.scorer_version
    group by reasons.workspace_id, reasons.scorer_version, reasons.dimension
),

-- Where people differ on a quote it does not support its claim, unless more say that it does.
checked as (
    select
        workspace_id,
        source,
        conversation_id,
        version_at,
        scorer_version,
        reason_position,
        dimension,
        count(*) filter (where is_supported) > count(*) filter (where not is_supported) as is_supported
    from {{ ref('stg_scoring__claim_reviews') }}
    group by workspace_id, source, conversation_id, version_at, scorer_version, reason_position, dimension
),

supported as (
    select
        workspace_id,
        scorer_version,
        dimension,
        count(*) as checked,
        count(*) filter (where is_supported) as supported
    from checked
    group by workspace_id, scorer_version, dimension
),

final as (
    select
        claims.workspace_id,
        claims.scorer_version,
        claims.dimension,
        claims.claims,
        claims.proven,
        coalesce(supported.checked, 0) as checked,
        coalesce(supported.supported, 0) as supported
    from claims
    left join supported
        on
            claims.workspace_id = supported.workspace_id
            and claims.scorer_version = supported.scorer_version
            and claims.dimension = supported.dimension
)

select
    workspace_id,
    scorer_version,
    dimension,
    claims,
    proven,
    {{ rate_columns('evidence_valid_rate', 'proven', 'claims') }},
    checked,
    supported,
    {{ rate_columns('support_rate', 'supported', 'checked') }},
    {{ low_n('checked') }} as low_n
from final
