select
    workspace_id,
    period,
    week_start,
    agent_mix,
    csat_gap_diff,
    csat_unscored_diff + csat_measurement_diff + csat_selection_diff as sum_of_terms
from {{ ref('rpt_csat_comparison') }}
where
    abs(csat_gap_diff - csat_unscored_diff - csat_measurement_diff - csat_selection_diff) > 1e-9
    or (
        responders_scored >= {{ minimum_n() }}
        and (
            csat_gap_diff is null
            or csat_unscored_diff is null
            or csat_measurement_diff is null
            or csat_selection_diff is null
        )
    )
