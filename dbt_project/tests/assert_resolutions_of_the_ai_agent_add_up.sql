-- Of now and of first report differ by what was taken back and what came later; confirmed and assumed are all there is;
-- automation is participation times resolution; and no part exceeds its whole.
select
    workspace_id,
    week_start
from {{ ref('rpt_ai_agent_weekly') }}
where
    ai_resolved <> ai_resolved_as_first_reported - ai_rescinded + ai_resolved_later
    or ai_resolved <> ai_resolved_confirmed + ai_resolved_assumed
    or abs(automation_rate - ai_participation * ai_resolution_rate) > 1e-9
    or ai_conversations > conversations
    or eligible > conversations
    or ai_only > ai_conversations
    or ai_eligible > least(eligible, ai_conversations)
    or greatest(ai_resolved, ai_resolved_as_first_reported) > ai_conversations
    or ai_resolved_scored > ai_resolved
    or ai_resolved_negative > ai_resolved_scored
    or ai_rescinded > ai_resolved_as_first_reported
    or ai_resolution_rate_restated_diff < ai_resolution_rate_restated_diff_low - 1e-9
    or ai_resolution_rate_restated_diff > ai_resolution_rate_restated_diff_high + 1e-9
