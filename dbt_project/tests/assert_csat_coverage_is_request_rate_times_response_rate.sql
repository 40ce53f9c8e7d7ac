select
    workspace_id,
    week_start,
    csat_coverage,
    csat_request_rate * csat_response_rate as product_of_rates
from {{ ref('rpt_coverage_weekly') }}
where abs(csat_coverage - csat_request_rate * csat_response_rate) > 1e-9
