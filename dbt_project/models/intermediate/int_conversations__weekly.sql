with conversations as (
    select * from {{ ref('fct_conversations') }}
    where is_in_population
),

settings as (
    select * from {{ ref('int_workspaces__settings') }}
),

counted as (
    select
        workspace_id,
        week_start,

        count(*) as conversations,
        count(*) filter (where is_eligible) as eligible,
        count(*) filter (where is_scored) as scored,
        count(*) filter (where is_scored and score >= {{ positive_from() }}) as positive,
        count(*) filter (where is_scored and score > {{ negative_to() }} and score < {{ positive_from() }}) as neutral,
        count(*) filter (where is_scored and score <= {{ negative_to() }}) as negative,
        avg(cast(score as double precision)) filter (where is_scored) as mean_score,
        max(scorer_version) filter (where is_scored) as scorer_version,
        coalesce(bool_and(is_validated) filter (where is_scored), false) as is_validated,

        count(*) filter (where scoring_status = 'ineligible') as ineligible,
        count(*) filter (where scoring_status = 'pending') as pending,
        count(*) filter (where scoring_status = 'refused') as refused,
        count(*) filter (where scoring_status = 'schema_error') as schema_error,
        count(*) filter (where scoring_status = 'model_error') as model_error,
        count(*) filter (where scoring_status = 'budget_stopped') as budget_stopped,

        count(*) filter (where is_csat_requested) as csat_requested,
        count(*) filter (where is_csat_rated) as csat_rated,
        count(*) filter (where is_csat_positive) as csat_positive,
        avg(cast(csat_rating_counted as double precision)) as mean_csat_rating,
        count(ai_csat_rating) as ai_csat_rated,
        count(*) filter (where ai_csat_rating >= {{ positive_from() }}) as ai_csat_positive
    from conversations
    group by workspace_id, week_start
),

final as (
    select
        counted.*,
        -- The week ends 7 days after its Monday, and its last conversations may be rated for 7 days more.
        {{ in_zone('settings.newest_version_at', 'settings.timezone') }}
        < {{ plus_days('counted.week_start', 14) }} as is_immature
    from counted
    inner join settings on counted.workspace_id = settings.workspace_id
)

select * from final
