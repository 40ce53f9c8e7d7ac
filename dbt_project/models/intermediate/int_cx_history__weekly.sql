{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

with weeks as (
    select * from {{ ref('int_conversations__weekly') }}
),

settings as (
    select * from {{ ref('int_workspaces__settings') }}
),

-- A week says something once it is over; what is said of it later is another row, never a change of this one.
ended as (
    select
        weeks.workspace_id,
        weeks.week_start,
        weeks.scorer_version,
        weeks.scored,
        weeks.positive
    from weeks
    inner join settings on weeks.workspace_id = settings.workspace_id
    where
        weeks.scored > 0
        and {{ in_zone('settings.newest_version_at', 'settings.timezone') }} >= {{ plus_days('weeks.week_start', 7) }}
),

said as (
    {{ said_before('ended') }}
),

final as (
    select
        ended.workspace_id,
        ended.week_start,
        cast(coalesce(said.revision, 0) + 1 as bigint) as revision,
        ended.scorer_version,
        ended.scored,
        ended.positive,
        {{ utc_timestamp('current_timestamp') }} as observed_at
    from ended
    left join said
        on
            ended.workspace_id = said.workspace_id
            and ended.week_start = said.week_start
            and said.recency = 1
    where
        said.revision is null
        or ended.scored <> said.scored
        or ended.positive <> said.positive
        or ended.scorer_version <> said.scorer_version
)

select * from final
