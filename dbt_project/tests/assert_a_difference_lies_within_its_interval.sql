{%- set differences = [
    'response_bias_diff', 'response_effect_diff', 'request_effect_diff', 'csat_gap_diff', 'csat_unscored_diff',
    'csat_measurement_diff', 'csat_selection_diff', 'csat_mean_diff', 'human_v_ai_crude_diff',
    'human_v_ai_standardised_diff', 'csat_adjusted_diff', 'vendor_correlation',
] -%}
with comparison as (
    select * from {{ ref('rpt_csat_comparison') }}
)

{% for difference in differences -%}
    select
        '{{ difference }}' as difference,
        workspace_id,
        period,
        week_start,
        agent_mix
    from comparison
    where
        {{ difference }} < {{ difference }}_low - 1e-9
        or {{ difference }} > {{ difference }}_high + 1e-9
        or ({{ difference }} is not null and ({{ difference }}_low is null or {{ difference }}_high is null))
    {{ 'union all' if not loop.last }}
{% endfor %}
