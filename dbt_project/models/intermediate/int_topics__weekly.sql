with segments as (
    select * from {{ ref('int_conversations__weekly_segments') }}
    where segment_kind = 'topic'
),

weeks as (
    select * from {{ ref('int_conversations__weekly') }}
),

settings as (
    select * from {{ ref('int_workspaces__settings') }}
),

-- A running week has seen part of its conversations only.
ended as (
    select weeks.*
    from weeks
    inner join settings on weeks.workspace_id = settings.workspace_id
    where {{ in_zone('settings.newest_version_at', 'settings.timezone') }} >= {{ plus_days('weeks.week_start', 7) }}
),

newest as (
    select
        workspace_id,
        max(week_start) as last_week
    from ended
    group by workspace_id
),

last_weeks as (
    select
        newest.workspace_id,
        newest.last_week,
        weeks.scorer_version
    from newest
    inner join weeks
        on
            newest.workspace_id = weeks.workspace_id
            and newest.last_week = weeks.week_start
),

recent as (
    select
        ended.workspace_id,
        ended.week_start,
        last_weeks.last_week,
        ended.conversations as week_conversations,
        coalesce(ended.scorer_version = last_weeks.scorer_version, false) as is_same_scorer,
        last_weeks.scorer_version,
        cast(round({{ seconds_between(
            'cast(ended.week_start as timestamp)', 'cast(last_weeks.last_week as timestamp)'
        ) }} / 604800) as bigint) as weeks_ago
    from ended
    inner join last_weeks on ended.workspace_id = last_weeks.workspace_id
    where ended.week_start > {{ plus_days('last_weeks.last_week', -7 * (trend_weeks() | trim | int)) }}
),

topics as (
    select distinct
        segments.workspace_id,
        segments.segment as topic
    from segments
    inner join recent
        on
            segments.workspace_id = recent.workspace_id
            and segments.week_start = recent.week_start
),

-- A week without the topic is a week with none of it.
final as (
    select
        recent.workspace_id,
        topics.topic,
        recent.week_start,
        recent.last_week,
        recent.weeks_ago,
        recent.scorer_version,
        recent.week_conversations,
        coalesce(segments.conversations, 0) as conversations,
        case when recent.is_same_scorer then coalesce(segments.scored, 0) else 0 end as scored,
        case when recent.is_same_scorer then coalesce(segments.positive, 0) else 0 end as positive
    from recent
    inner join topics on recent.workspace_id = topics.workspace_id
    left join segments
        on
            recent.workspace_id = segments.workspace_id
            and recent.week_start = segments.week_start
            and topics.topic = segments.segment
)

select * from final
