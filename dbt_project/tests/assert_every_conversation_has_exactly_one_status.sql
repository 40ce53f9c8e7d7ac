-- Nothing is dropped: in every week the scored and the unscored, status by status, are all conversations there are.
select
    workspace_id,
    week_start,
    conversations,
    scored + ineligible + pending + refused + schema_error + model_error + budget_stopped as with_a_status,
    eligible + ineligible as eligible_or_not
from {{ ref('rpt_coverage_weekly') }}
where
    conversations <> scored + ineligible + pending + refused + schema_error + model_error + budget_stopped
    or conversations <> eligible + ineligible
