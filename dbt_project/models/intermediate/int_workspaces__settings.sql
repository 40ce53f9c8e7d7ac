with conversations as (
    select * from {{ ref('stg_helpdesk__conversations') }}
),

workspaces as (
    select * from {{ ref('stg_helpdesk__workspaces') }}
),

scores as (
    select * from {{ ref('stg_scoring__conversation_scores') }}
),

judgements as (
    select * from {{ ref('stg_scoring__judgements') }}
),

seen as (
    select distinct workspace_id from conversations
),

newest as (
    select max(version_at) as newest_version_at from conversations
),

every_other as (
    select * from workspaces
    where workspace_id = '*'
),

scorers as (
    select
        workspace_id,
        scorer_version,
        row_number() over (
            partition by workspace_id
            order by max(scored_at) desc, {{ bytewise('scorer_version') }} desc
        ) as recency
    from scores
    group by workspace_id, scorer_version
),

championed as (
    select
        seen.workspace_id,
        newest.newest_version_at,
        coalesce(own.timezone, every_other.timezone, 'UTC') as timezone,
        coalesce(
            own.champion_scorer_version,
            every_other.champion_scorer_version,
            scorers.scorer_version
        ) as champion_scorer_version
    from seen
    cross join newest
    left join workspaces as own on seen.workspace_id = own.workspace_id
    left join every_other on true
    left join scorers on seen.workspace_id = scorers.workspace_id and scorers.recency = 1
),

judges as (
    select
        workspace_id,
        judge_version,
        max(version_at) as last_version_at
    from judgements
    group by workspace_id, judge_version
),

judges_by_score as (
    select
        scorer_version,
        max(judge_version) as judge_version
    from scores
    group by scorer_version
),

-- A scorer that has scored nothing yet is known by its name alone, which begins with its judge's:
-- without this, a first day on which every call failed would show as pending instead of model_error.
candidates as (
    select
        championed.workspace_id,
        judges.judge_version,
        row_number() over (
            partition by championed.workspace_id
            order by
                length(judges.judge_version) desc,
                judges.last_version_at desc,
                {{ bytewise('judges.judge_version') }} desc
        ) as preference
    from championed
    inner join judges
        on
            championed.workspace_id = judges.workspace_id
            and left(championed.champion_scorer_version, length(judges.judge_version) + 1)
            = judges.judge_version || '-'
),

-- Nothing scored and no champion named: the judge at work is the only one to ask.
newest_judges as (
    select
        workspace_id,
        judge_version,
        row_number() over (
            partition by workspace_id
            order by last_version_at desc, {{ bytewise('judge_version') }} desc
        ) as recency
    from judges
),

final as (
    select
        championed.workspace_id,
        championed.timezone,
        championed.champion_scorer_version,
        championed.newest_version_at,
        case
            when championed.champion_scorer_version is null then newest_judges.judge_version
            else coalesce(judges_by_score.judge_version, candidates.judge_version)
        end as champion_judge_version
    from championed
    left join judges_by_score on championed.champion_scorer_version = judges_by_score.scorer_version
    left join candidates on championed.workspace_id = candidates.workspace_id and candidates.preference = 1
    left join newest_judges on championed.workspace_id = newest_judges.workspace_id and newest_judges.recency = 1
)

select * from final
