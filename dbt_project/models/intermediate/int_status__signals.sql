with reports as (
    select * from {{ ref('rpt_cx_weekly') }}
),

coverage as (
    select * from {{ ref('rpt_coverage_weekly') }}
),

ai_agent as (
    select * from {{ ref('rpt_ai_agent_weekly') }}
),

faults as (
    select * from {{ ref('rpt_process_faults_weekly') }}
),

topics as (
    select * from {{ ref('rpt_topic_trends') }}
),

scores as (
    select * from {{ ref('fct_conversation_scores') }}
),

settings as (
    select * from {{ ref('int_workspaces__settings') }}
),

versions as (
    select
        workspace_id,
        max(version_at) as newest_version_at
    from {{ ref('int_conversations__latest') }}
    group by workspace_id
),

-- What is judged is the last week that is over; surveys and the AI agent wait a week more, until theirs is mature.
ended as (
    select
        reports.workspace_id,
        max(reports.week_start) as week_start,
        max(reports.week_start) filter (where not reports.is_immature) as mature_week_start
    from reports
    inner join settings on reports.workspace_id = settings.workspace_id
    where
        {{ in_zone('settings.newest_version_at', 'settings.timezone') }}
        >= {{ plus_days('reports.week_start', 7) }}
    group by reports.workspace_id
),

weeks as (
    select reports.*
    from reports
    inner join ended on reports.workspace_id = ended.workspace_id and reports.week_start = ended.week_start
),

mature_weeks as (
    select reports.*
    from reports
    inner join ended on reports.workspace_id = ended.workspace_id and reports.week_start = ended.mature_week_start
),

coverage_weeks as (
    select
        coverage.*,
        coverage.refused + coverage.schema_error + coverage.model_error + coverage.budget_stopped as unscorable
    from coverage
    inner join ended on coverage.workspace_id = ended.workspace_id and coverage.week_start = ended.week_start
),

ai_weeks as (
    select ai_agent.*
    from ai_agent
    inner join ended on ai_agent.workspace_id = ended.workspace_id and ai_agent.week_start = ended.mature_week_start
),

ages as (
    select
        versions.workspace_id,
        ended.week_start,
        {{ seconds_between('versions.newest_version_at', 'settings.newest_version_at') }} / 86400 as days_behind
    from versions
    inner join settings on versions.workspace_id = settings.workspace_id
    left join ended on versions.workspace_id = ended.workspace_id
),

proofs as (
    select
        ended.workspace_id,
        ended.week_start,
        cast(sum(scores.claims_total) as bigint) as claims_total,
        cast(sum(scores.claims_proven) as bigint) as claims_proven,
        count(*) as scored,
        count(*) filter (where scores.is_validated) as validated
    from scores
    inner join ended on scores.workspace_id = ended.workspace_id and scores.week_start = ended.week_start
    where scores.is_current
    group by ended.workspace_id, ended.week_start
),

changes as (
    select
        workspace_id,
        week_start,
        scored,
        -- Where the scorer changed, only what one scorer says of both weeks is a change.
        case when is_scorer_break then cx_score_bridge_label else cx_score_week_label end as label,
        case when is_scorer_break then cx_score_bridge_diff else cx_score_week_diff end as change,
        case when is_scorer_break then cx_score_bridge_diff_low else cx_score_week_diff_low end as change_low,
        case when is_scorer_break then cx_score_bridge_diff_high else cx_score_week_diff_high end as change_high
    from weeks
),

fault_weeks as (
    select
        faults.workspace_id,
        faults.week_start,
        count(*) filter (where faults.fault_rate_label in ('more', 'fewer', 'noise')) as tested,
        count(*) filter (where faults.fault_rate_label = 'more') as more
    from faults
    inner join ended on faults.workspace_id = ended.workspace_id and faults.week_start = ended.week_start
    group by faults.workspace_id, faults.week_start
),

topic_weeks as (
    select
        workspace_id,
        max(last_week) as week_start,
        count(*) filter (where cx_score_trend_label in ('declining', 'rising', 'steady')) as trends_tested,
        count(*) filter (where cx_score_trend_label = 'declining') as declining,
        count(*) filter (where topic_share_label in ('spike', 'usual')) as spikes_tested,
        count(*) filter (where topic_share_label = 'spike') as spiking
    from topics
    group by workspace_id
),

-- A rate says something from 30 on.
signals as (
    {{ status_signal(
        'weeks', 'cx_score_against_target', 'scored', 'cx_score - target',
        'scored >= ' ~ ample_n() ~ ' and target is not null',
        'cx_score_low - target', 'cx_score_high - target'
    ) }}
    union all
    {{ status_signal(
        'changes', 'cx_score_change', 'scored', 'change', "label in ('real', 'noise')", 'change_low', 'change_high'
    ) }}
    union all
    {{ status_signal(
        'coverage_weeks', 'cx_eligible_coverage', 'eligible', 'cx_eligible_coverage', 'eligible >= ' ~ ample_n(),
        'cx_eligible_coverage_low', 'cx_eligible_coverage_high'
    ) }}
    union all
    {{ status_signal(
        'coverage_weeks', 'unscorable_rate', 'eligible', rate('unscorable', 'eligible'), 'eligible >= ' ~ ample_n(),
        wilson_low('unscorable', 'eligible'), wilson_high('unscorable', 'eligible')
    ) }}
    union all
    {{ status_signal(
        'mature_weeks', 'csat_score_against_target', 'csat_rated', 'csat_score - csat_target',
        'csat_rated >= ' ~ ample_n() ~ ' and csat_target is not null',
        'csat_score_low - csat_target', 'csat_score_high - csat_target'
    ) }}
    union all
    {{ status_signal(
        'mature_weeks', 'csat_request_rate', 'conversations', 'csat_request_rate', 'conversations >= ' ~ ample_n(),
        'csat_request_rate_low', 'csat_request_rate_high'
    ) }}
    union all
    {{ status_signal(
        'ai_weeks', 'false_resolution_rate', 'ai_resolved_scored', 'false_resolution_rate',
        'ai_resolved_scored >= ' ~ ample_n(), 'false_resolution_rate_low', 'false_resolution_rate_high'
    ) }}
    union all
    {{ status_signal(
        'ai_weeks', 'ai_rescission_rate', 'ai_resolved_as_first_reported', 'ai_rescission_rate',
        'ai_resolved_as_first_reported >= ' ~ ample_n(), 'ai_rescission_rate_low', 'ai_rescission_rate_high'
    ) }}
    union all
    {{ status_signal('fault_weeks', 'faults_above_usual', 'tested', 'more', 'tested > 0') }}
    union all
    {{ status_signal('topic_weeks', 'topics_declining', 'trends_tested', 'declining', 'trends_tested > 0') }}
    union all
    {{ status_signal('topic_weeks', 'topics_spiking', 'spikes_tested', 'spiking', 'spikes_tested > 0') }}
    union all
    {{ status_signal(
        'proofs', 'evidence_valid_rate', 'claims_total', rate('claims_proven', 'claims_total'),
        'claims_total >= ' ~ ample_n(),
        wilson_low('claims_proven', 'claims_total'), wilson_high('claims_proven', 'claims_total')
    ) }}
    union all
    {{ status_signal('proofs', 'validated_share', 'scored', '1.0 * validated / scored', 'scored > 0') }}
    union all
    {{ status_signal('ages', 'days_behind', '1', 'days_behind', 'true') }}
)

select * from signals
