with counts as (
    select * from {{ ref('int_ai_agent__weekly') }}
),

weeks as (
    select * from {{ ref('int_conversations__weekly') }}
),

rated as (
    select
        counts.*,
        weeks.is_immature,
        weeks.scorer_version,
        {{ rate_columns('ai_participation', 'counts.ai_conversations', 'counts.conversations') }},
        {{ rate_columns('ai_eligible_participation', 'counts.ai_eligible', 'counts.eligible') }},
        {{ rate_columns('ai_resolution_rate', 'counts.ai_resolved', 'counts.ai_conversations') }},
        {{ rate_columns('ai_confirmed_rate', 'counts.ai_resolved_confirmed', 'counts.ai_conversations') }},
        {{ rate_columns('ai_assumed_rate', 'counts.ai_resolved_assumed', 'counts.ai_conversations') }},
        {{ rate_columns(
            'ai_resolution_rate_as_first_reported', 'counts.ai_resolved_as_first_reported', 'counts.ai_conversations'
        ) }},
        {{ rate_columns('ai_rescission_rate', 'counts.ai_rescinded', 'counts.ai_resolved_as_first_reported') }},
        {{ rate_columns('automation_rate', 'counts.ai_resolved', 'counts.conversations') }},
        {{ rate_columns('false_resolution_rate', 'counts.ai_resolved_negative', 'counts.ai_resolved_scored') }},
        {{ rate_columns(
            'false_resolution_rate_as_first_reported',
            'counts.ai_resolved_negative_as_first_reported', 'counts.ai_resolved_scored_as_first_reported'
        ) }},
        {{ paired_phi(
            'counts.ai_resolved_throughout', 'counts.ai_resolved', 'counts.ai_resolved_as_first_reported',
            'counts.ai_conversations'
        ) }} as restated_phi
    from counts
    inner join weeks
        on
            counts.workspace_id = weeks.workspace_id
            and counts.week_start = weeks.week_start
),

-- Both reports are about the same conversations: Newcombe's interval for paired rates.
restated as (
    select
        *,
        ai_resolution_rate - ai_resolution_rate_as_first_reported as ai_resolution_rate_restated_diff,
        sqrt({{ paired_distance(
            'ai_resolution_rate - ai_resolution_rate_low',
            'ai_resolution_rate_as_first_reported_high - ai_resolution_rate_as_first_reported',
            'restated_phi'
        ) }}) as restated_below,
        sqrt({{ paired_distance(
            'ai_resolution_rate_high - ai_resolution_rate',
            'ai_resolution_rate_as_first_reported - ai_resolution_rate_as_first_reported_low',
            'restated_phi'
        ) }}) as restated_above
    from rated
)

select
    workspace_id,
    week_start,

    ---------- participation
    conversations,
    eligible,
    ai_conversations,
    ai_only,
    ai_eligible,
    ai_participation,
    ai_participation_low,
    ai_participation_high,
    ai_eligible_participation,
    ai_eligible_participation_low,
    ai_eligible_participation_high,

    ---------- resolution as of now
    ai_resolved,
    ai_resolved_confirmed,
    ai_resolved_assumed,
    ai_resolution_rate,
    ai_resolution_rate_low,
    ai_resolution_rate_high,
    ai_confirmed_rate,
    ai_confirmed_rate_low,
    ai_confirmed_rate_high,
    ai_assumed_rate,
    ai_assumed_rate_low,
    ai_assumed_rate_high,
    automation_rate,
    automation_rate_low,
    automation_rate_high,
    {{ low_n('ai_conversations') }} as low_n,

    ---------- resolution as first reported, and what became of it
    ai_resolved_as_first_reported,
    ai_resolution_rate_as_first_reported,
    ai_resolution_rate_as_first_reported_low,
    ai_resolution_rate_as_first_reported_high,
    ai_rescinded,
    ai_resolved_later,
    ai_rescission_rate,
    ai_rescission_rate_low,
    ai_rescission_rate_high,
    ai_resolution_rate_restated_diff,
    ai_resolution_rate_restated_diff - restated_below as ai_resolution_rate_restated_diff_low,
    ai_resolution_rate_restated_diff + restated_above as ai_resolution_rate_restated_diff_high,
    {{ relative('ai_resolution_rate_restated_diff', 'ai_resolution_rate_as_first_reported') }}
        as ai_resolution_rate_restated_rel,

    ---------- resolved, says the helpdesk; badly served, says the conversation
    scorer_version,
    ai_resolved_scored,
    ai_resolved_negative,
    false_resolution_rate,
    false_resolution_rate_low,
    false_resolution_rate_high,
    {{ low_n('ai_resolved_scored') }} as false_resolution_low_n,
    ai_resolved_scored_as_first_reported,
    ai_resolved_negative_as_first_reported,
    false_resolution_rate_as_first_reported,
    false_resolution_rate_as_first_reported_low,
    false_resolution_rate_as_first_reported_high,

    is_immature
from restated
