with weeks as (
    select * from {{ ref('int_conversations__weekly') }}
),

rated as (
    select
        *,
        {{ rate_columns('cx_coverage', 'scored', 'conversations') }},
        {{ rate_columns('cx_eligible_coverage', 'scored', 'eligible') }},
        {{ rate_columns('csat_request_rate', 'csat_requested', 'conversations') }},
        {{ rate_columns('csat_response_rate', 'csat_rated', 'csat_requested') }},
        {{ rate_columns('csat_coverage', 'csat_rated', 'conversations') }}
    from weeks
)

select
    workspace_id,
    week_start,
    {{ iso_week_of('week_start') }} as iso_week,

    ---------- every conversation has one status
    conversations,
    eligible,
    scored,
    ineligible,
    pending,
    refused,
    schema_error,
    model_error,
    budget_stopped,

    ---------- customer experience
    cx_coverage,
    cx_coverage_low,
    cx_coverage_high,
    cx_eligible_coverage,
    cx_eligible_coverage_low,
    cx_eligible_coverage_high,

    ---------- surveys
    csat_requested,
    csat_rated,
    csat_request_rate,
    csat_request_rate_low,
    csat_request_rate_high,
    csat_response_rate,
    csat_response_rate_low,
    csat_response_rate_high,
    csat_coverage,
    csat_coverage_low,
    csat_coverage_high,
    is_immature,

    ---------- against each other
    cx_coverage / nullif(csat_coverage, 0) as coverage_multiple,
    {{ low_n('conversations') }} as low_n
from rated
