with weeks as (
    select * from {{ ref('int_conversations__weekly') }}
),

service as (
    select * from {{ ref('int_service__weekly') }}
),

changes as (
    select * from {{ ref('int_cx_changes__weekly') }}
),

corrected as (
    select * from {{ ref('int_cx_corrected__weekly') }}
),

history as (
    select * from {{ ref('int_cx_history__weekly') }}
),

targets as (
    select * from {{ ref('int_targets__weekly') }}
),

rated as (
    select
        *,
        {{ rate_columns('cx_score', 'positive', 'scored') }},
        {{ rate_columns('neutral_share', 'neutral', 'scored') }},
        {{ rate_columns('negative_share', 'negative', 'scored') }},
        {{ rate_columns('cx_coverage', 'scored', 'conversations') }},
        {{ rate_columns('cx_eligible_coverage', 'scored', 'eligible') }},
        {{ rate_columns('csat_request_rate', 'csat_requested', 'conversations') }},
        {{ rate_columns('csat_response_rate', 'csat_rated', 'csat_requested') }},
        {{ rate_columns('csat_coverage', 'csat_rated', 'conversations') }},
        {{ rate_columns('csat_score', 'csat_positive', 'csat_rated') }},
        {{ rate_columns('ai_csat_score', 'ai_csat_positive', 'ai_csat_rated') }}
    from weeks
),

served as (
    select
        service.*,
        {{ rate_columns('reopen_rate', 'service.reopened', 'weeks.conversations') }},
        {{ rate_columns('effort_rate', 'service.with_effort', 'weeks.scored') }},
        {{ rate_columns('negative_emotion_rate', 'service.with_negative_emotion', 'weeks.scored') }},
        {{ rate_columns('positive_emotion_rate', 'service.with_positive_emotion', 'weeks.scored') }},
        {{ rate_columns('fault_rate', 'service.with_fault', 'weeks.scored') }},
        {{ rate_columns('issue_resolution_rate', 'service.issues_resolved', 'service.issues') }},
        {{ rate_columns('conversation_resolution_rate', 'service.with_all_issues_resolved', 'service.with_issues') }}
    from service
    inner join weeks
        on
            service.workspace_id = weeks.workspace_id
            and service.week_start = weeks.week_start
),

revised as (
    select
        workspace_id,
        week_start,
        max(revision) as revisions
    from history
    group by workspace_id, week_start
),

first_published as (
    select
        history.workspace_id,
        history.week_start,
        history.scored as first_published_scored,
        history.positive as first_published_positive,
        history.scorer_version as first_published_scorer_version,
        {{ rate_columns('first_published_cx_score', 'history.positive', 'history.scored') }},
        revised.revisions
    from history
    inner join revised
        on
            history.workspace_id = revised.workspace_id
            and history.week_start = revised.week_start
    where history.revision = 1
)

select
    rated.workspace_id,
    rated.week_start,
    {{ iso_week_of('rated.week_start') }} as iso_week,

    ---------- customer experience
    rated.scorer_version,
    rated.is_validated,
    rated.conversations,
    rated.eligible,
    rated.scored,
    rated.positive,
    rated.neutral,
    rated.negative,
    rated.cx_score,
    rated.cx_score_low,
    rated.cx_score_high,
    {{ low_n('rated.scored') }} as low_n,
    cx_target.target,
    rated.neutral_share,
    rated.neutral_share_low,
    rated.neutral_share_high,
    rated.negative_share,
    rated.negative_share_low,
    rated.negative_share_high,
    {{ shown('rated.mean_score', 'rated.scored') }} as mean_score,
    rated.cx_coverage,
    rated.cx_coverage_low,
    rated.cx_coverage_high,
    rated.cx_eligible_coverage,
    rated.cx_eligible_coverage_low,
    rated.cx_eligible_coverage_high,

    ---------- corrected for the errors of the scorer
    corrected.gold_positive,
    corrected.true_positive,
    corrected.gold_negative,
    corrected.true_negative,
    corrected.cx_score_corrected,
    corrected.cx_score_corrected_low,
    corrected.cx_score_corrected_high,

    ---------- as it was first published
    first_published.first_published_scored,
    first_published.first_published_positive,
    first_published.first_published_scorer_version,
    first_published.first_published_cx_score,
    first_published.first_published_cx_score_low,
    first_published.first_published_cx_score_high,
    rated.cx_score - first_published.first_published_cx_score as cx_score_restated_diff,
    coalesce(first_published.revisions, 0) as revisions,

    ---------- against the week before
    changes.cx_score_week_diff,
    changes.cx_score_week_diff_low,
    changes.cx_score_week_diff_high,
    changes.cx_score_week_rel,
    changes.cx_score_week_rate_diff,
    changes.cx_score_week_mix_diff,
    changes.cx_score_week_label,

    ---------- over a change of scorer
    coalesce(changes.is_scorer_break, false) as is_scorer_break,
    changes.scorer_version_before,
    changes.bridge_scored,
    changes.bridge_scorer_version,
    changes.scorer_shift_diff,
    changes.scorer_shift_diff_low,
    changes.scorer_shift_diff_high,
    changes.cx_score_bridge_diff,
    changes.cx_score_bridge_diff_low,
    changes.cx_score_bridge_diff_high,
    changes.cx_score_bridge_rel,
    changes.cx_score_bridge_label,

    ---------- what was proven of the scored
    served.with_effort,
    served.effort_rate,
    served.effort_rate_low,
    served.effort_rate_high,
    served.with_negative_emotion,
    served.negative_emotion_rate,
    served.negative_emotion_rate_low,
    served.negative_emotion_rate_high,
    served.with_positive_emotion,
    served.positive_emotion_rate,
    served.positive_emotion_rate_low,
    served.positive_emotion_rate_high,
    served.with_fault,
    served.fault_rate,
    served.fault_rate_low,
    served.fault_rate_high,
    served.issues,
    served.issues_resolved,
    served.issue_resolution_rate,
    served.issue_resolution_rate_low,
    served.issue_resolution_rate_high,
    served.with_issues,
    served.with_all_issues_resolved,
    served.conversation_resolution_rate,
    served.conversation_resolution_rate_low,
    served.conversation_resolution_rate_high,

    ---------- waits and reopenings
    served.customer_started,
    served.agent_started,
    served.first_responses,
    {{ shown('served.first_response_minutes_median', 'served.first_responses') }} as first_response_minutes_median,
    {{ shown('served.first_response_minutes_p90', 'served.first_responses') }} as first_response_minutes_p90,
    {{ shown('served.first_response_business_minutes_median', 'served.first_responses') }}
        as first_response_business_minutes_median,
    {{ shown('served.first_response_business_minutes_p90', 'served.first_responses') }}
        as first_response_business_minutes_p90,
    served.first_human_responses,
    {{ shown('served.first_human_response_minutes_median', 'served.first_human_responses') }}
        as first_human_response_minutes_median,
    {{ shown('served.first_human_response_minutes_p90', 'served.first_human_responses') }}
        as first_human_response_minutes_p90,
    {{ shown('served.first_human_response_business_minutes_median', 'served.first_human_responses') }}
        as first_human_response_business_minutes_median,
    {{ shown('served.first_human_response_business_minutes_p90', 'served.first_human_responses') }}
        as first_human_response_business_minutes_p90,
    served.reopened,
    served.reopen_rate,
    served.reopen_rate_low,
    served.reopen_rate_high,

    ---------- surveys of people's service
    rated.csat_requested,
    rated.csat_rated,
    rated.csat_positive,
    rated.csat_request_rate,
    rated.csat_request_rate_low,
    rated.csat_request_rate_high,
    rated.csat_response_rate,
    rated.csat_response_rate_low,
    rated.csat_response_rate_high,
    rated.csat_coverage,
    rated.csat_coverage_low,
    rated.csat_coverage_high,
    rated.csat_score,
    rated.csat_score_low,
    rated.csat_score_high,
    {{ low_n('rated.csat_rated') }} as csat_low_n,
    csat_target.target as csat_target,
    {{ shown('rated.mean_csat_rating', 'rated.csat_rated') }} as mean_csat_rating,
    rated.is_immature,

    ---------- surveys of the AI agent
    rated.ai_csat_rated,
    rated.ai_csat_positive,
    rated.ai_csat_score,
    rated.ai_csat_score_low,
    rated.ai_csat_score_high
from rated
left join served
    on
        rated.workspace_id = served.workspace_id
        and rated.week_start = served.week_start
left join corrected
    on
        rated.workspace_id = corrected.workspace_id
        and rated.week_start = corrected.week_start
left join first_published
    on
        rated.workspace_id = first_published.workspace_id
        and rated.week_start = first_published.week_start
left join changes
    on
        rated.workspace_id = changes.workspace_id
        and rated.week_start = changes.week_start
left join targets as cx_target
    on
        rated.workspace_id = cx_target.workspace_id
        and rated.week_start = cx_target.week_start
        and cx_target.metric = 'cx_score'
left join targets as csat_target
    on
        rated.workspace_id = csat_target.workspace_id
        and rated.week_start = csat_target.week_start
        and csat_target.metric = 'csat_score'
