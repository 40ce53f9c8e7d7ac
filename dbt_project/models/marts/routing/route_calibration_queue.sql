with candidates as (
    select * from {{ ref('int_review__candidates') }}
),

rules as (
    select * from {{ ref('review_rules') }}
),

reviewed as (
    select * from {{ ref('fct_conversation_reviews') }}
),

week_sizes as (
    select
        workspace_id,
        week_start,
        count(*) as scored
    from candidates
    where reason = 'random_control'
    group by workspace_id, week_start
),

-- The hash stands for chance: it knows nothing of the conversation, and draws the same ones however often it is asked.
drawn as (
    select
        candidates.*,
        {{ stable_key(["'calibration_queue'", 'candidates.workspace_id', 'candidates.source',
                       'candidates.conversation_id', 'candidates.reason']) }} as route_key,
        rules.threshold as reason_threshold,
        rules.owner,
        rules.due,
        rules.due_hours,
        greatest(rules.weekly_cap, ceil(rules.weekly_share * week_sizes.scored)) as weekly_cap
    from candidates
    inner join rules on candidates.reason = rules.reason
    inner join week_sizes
        on
            candidates.workspace_id = week_sizes.workspace_id
            and candidates.week_start = week_sizes.week_start
    where candidates.reason_value >= rules.threshold
),

ranked as (
    select
        *,
        row_number() over (
            partition by workspace_id, week_start, reason
            order by reason_value desc, {{ bytewise('route_key') }}
        ) as queue_rank,
        count(*) over (partition by workspace_id, week_start, reason) as of_the_reason
    from drawn
),

rejected as (
    select
        reasons.workspace_id,
        reasons.source,
        reasons.conversation_id,
        reasons.version_at,
        reasons.scorer_version,
        {{ lines_of("reasons.dimension || ': “' || reasons.quote || '”'", 'reasons.reason_position') }}
            as unverified_quotes
    from {{ ref('stg_scoring__score_reasons') }} as reasons
    where reasons.match_kind = 'rejected'
    group by
        reasons.workspace_id,
        reasons.source,
        reasons.conversation_id,
        reasons.version_at,
        reasons.scorer_version
)

select
    ---------- identity
    ranked.route_key,
    ranked.workspace_id,
    ranked.source,
    ranked.conversation_id,
    ranked.version_at,
    ranked.week_start,
    ranked.reason,

    ---------- decision
    ranked.reason_value,
    ranked.reason_threshold,
    ranked.queue_rank,
    cast(
        case
            when ranked.reason <> 'random_control' then greatest(0, ranked.of_the_reason - ranked.weekly_cap)
            else 0
        end as bigint
    ) as beyond_cap,
    ranked.reason = 'random_control' as is_blind,
    ranked.owner,
    ranked.due,
    ranked.due_hours,

    ---------- what the scorer said
    ranked.scorer_version,
    cast(ranked.score as integer) as score,
    ranked.raw_score,
    cast(ranked.judge_rating as integer) as judge_rating,
    ranked.confidence,
    rejected.unverified_quotes,

    ---------- what came of it
    reviewed.conversation_id is not null as is_reviewed,
    reviewed.people_score
from ranked
left join rejected
    on
        {{ same_conversation('ranked', 'rejected') }}
        and ranked.version_at = rejected.version_at
        and ranked.scorer_version = rejected.scorer_version
left join reviewed
    on
        {{ same_conversation('ranked', 'reviewed') }}
        and ranked.version_at = reviewed.version_at
where ranked.queue_rank <= ranked.weekly_cap
