-- Kitagawa's split leaves nothing over.
select
    workspace_id,
    week_start,
    cx_score_week_diff,
    cx_score_week_rate_diff,
    cx_score_week_mix_diff
from {{ ref('rpt_cx_weekly') }}
where
    cx_score_week_diff is not null
    and (
        cx_score_week_rate_diff is null
        or cx_score_week_mix_diff is null
        or abs(cx_score_week_diff - cx_score_week_rate_diff - cx_score_week_mix_diff) > 1e-9
    )
