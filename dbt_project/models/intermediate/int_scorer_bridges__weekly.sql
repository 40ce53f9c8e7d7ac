with weeks as (
    select * from {{ ref('int_conversations__weekly') }}
),

conversations as (
    select * from {{ ref('fct_conversations') }}
    where is_scored
),

scores as (
    select * from {{ ref('int_scores__latest') }}
    where is_of_latest_version
),

breaks as (
    select
        weeks.workspace_id,
        weeks.week_start,
        before.week_start as week_before,
        weeks.scorer_version,
        weeks.scored,
        weeks.positive,
        before.scorer_version as scorer_version_before,
        before.scored as scored_before,
        before.positive as positive_before
    from weeks
    inner join weeks as before
        on
            weeks.workspace_id = before.workspace_id
            and weeks.week_start = cast({{ plus_days('before.week_start', 7) }} as date)
            and weeks.scorer_version <> before.scorer_version
),

-- The shadow overlap: conversations of either week that both scorers have scored.
overlap as (
    select
        breaks.workspace_id,
        breaks.week_start,
        conversations.week_start as overlap_week,
        count(*) as bridge_scored,
        count(*) filter (where new_scores.score >= {{ positive_from() }}) as new_positive,
        count(*) filter (where old_scores.score >= {{ positive_from() }}) as old_positive,
        count(*) filter (
            where new_scores.score >= {{ positive_from() }} and old_scores.score >= {{ positive_from() }}
        ) as both_positive
    from breaks
    inner join conversations
        on
            breaks.workspace_id = conversations.workspace_id
            and conversations.week_start in (breaks.week_start, breaks.week_before)
    inner join scores as new_scores
        on
            {{ same_conversation('conversations', 'new_scores') }}
            and breaks.scorer_version = new_scores.scorer_version
    inner join scores as old_scores
        on
            {{ same_conversation('conversations', 'old_scores') }}
            and breaks.scorer_version_before = old_scores.scorer_version
    group by breaks.workspace_id, breaks.week_start, conversations.week_start
),

ranked as (
    select
        *,
        row_number() over (
            partition by workspace_id, week_start order by bridge_scored desc, overlap_week asc
        ) as preference
    from overlap
),

-- One ruler for both weeks: the new scorer's where it has also seen the week before, else the old one's.
final as (
    select
        breaks.workspace_id,
        breaks.week_start,
        breaks.scorer_version_before,
        coalesce(ranked.bridge_scored, 0) as bridge_scored,
        ranked.new_positive,
        ranked.old_positive,
        ranked.both_positive,
        case
            when ranked.overlap_week = breaks.week_before then breaks.scorer_version
            when ranked.overlap_week = breaks.week_start then breaks.scorer_version_before
        end as bridge_scorer_version,
        case when ranked.overlap_week = breaks.week_before then breaks.scored else ranked.bridge_scored end
            as after_scored,
        case when ranked.overlap_week = breaks.week_before then breaks.positive else ranked.old_positive end
            as after_positive,
        case when ranked.overlap_week = breaks.week_before then ranked.bridge_scored else breaks.scored_before end
            as before_scored,
        case when ranked.overlap_week = breaks.week_before then ranked.new_positive else breaks.positive_before end
            as before_positive
    from breaks
    left join ranked
        on
            breaks.workspace_id = ranked.workspace_id
            and breaks.week_start = ranked.week_start
            and ranked.preference = 1
)

select * from final
