with counts as (
    select
        *,
        scored - responders_scored as others_scored,
        positive - responders_positive as others_positive,
        responders_scored + silent_scored as asked_scored,
        responders_positive + silent_positive as asked_positive,
        csat_rated - responders_scored as unscored_rated,
        csat_positive - responders_csat_positive as unscored_csat_positive
    from {{ ref('int_csat__counts') }}
),

design_effects as (
    select * from {{ ref('int_csat__design_effects') }}
),

human_v_ai as (
    select
        *,
        {{ bare_rate_columns('human_crude', 'human_positive', 'human_scored') }},
        {{ bare_rate_columns('ai_crude', 'ai_positive', 'ai_scored') }}
    from {{ ref('int_csat__human_v_ai') }}
),

adjusted as (
    select
        *,
        csat_adjusted * effective_n as effective_positive,
        {{ reweighting_half_width('csat_adjusted', 'effective_n', 'responders') }} as half_width
    from {{ ref('int_csat__adjusted') }}
),

settings as (
    select * from {{ ref('int_workspaces__settings') }}
),

-- Of the scored: responders, the asked and silent, the never asked; of the rated: scored and unscored.
rated as (
    select
        *,
        {{ bare_rate_columns('cx', 'positive', 'scored') }},
        {{ bare_rate_columns('csat', 'csat_positive', 'csat_rated') }},
        {{ bare_rate_columns('responders_cx', 'responders_positive', 'responders_scored') }},
        {{ bare_rate_columns('others_cx', 'others_positive', 'others_scored') }},
        {{ bare_rate_columns('silent_cx', 'silent_positive', 'silent_scored') }},
        {{ bare_rate_columns('asked_cx', 'asked_positive', 'asked_scored') }},
        {{ bare_rate_columns('unasked_cx', 'unasked_positive', 'unasked_scored') }},
        {{ bare_rate_columns('paired_csat', 'responders_csat_positive', 'responders_scored') }},
        {{ bare_rate_columns('unscored_csat', 'unscored_csat_positive', 'unscored_rated') }},
        {{ bare_rate('responders_scored', 'csat_rated') }} as scored_of_rated,
        {{ bare_rate('responders_scored', 'scored') }} as rated_of_scored,
        {{ paired_phi('both_positive', 'responders_csat_positive', 'responders_positive', 'responders_scored') }} as phi
    from counts
),

contrasted as (
    select
        *,
        {{ independent_difference('response_bias', 'responders_cx', 'others_cx') }},
        {{ independent_difference('response_effect', 'responders_cx', 'silent_cx') }},
        {{ independent_difference('request_effect', 'asked_cx', 'unasked_cx') }},
        {{ independent_difference('unscored_contrast', 'unscored_csat', 'paired_csat') }},

        ---------- what the gap consists of, for its interval: the pairs, the unscored ratings, the unrated scores
        coalesce({{ paired_distance(
            'paired_csat - paired_csat_low', 'responders_cx_high - responders_cx', 'phi',
            'scored_of_rated', 'rated_of_scored'
        ) }}, 0)
        + coalesce(power((1 - scored_of_rated) * (unscored_csat - unscored_csat_low), 2), 0)
        + coalesce(power((1 - rated_of_scored) * (others_cx_high - others_cx), 2), 0) as gap_below,
        coalesce({{ paired_distance(
            'paired_csat_high - paired_csat', 'responders_cx - responders_cx_low', 'phi',
            'scored_of_rated', 'rated_of_scored'
        ) }}, 0)
        + coalesce(power((1 - scored_of_rated) * (unscored_csat_high - unscored_csat), 2), 0)
        + coalesce(power((1 - rated_of_scored) * (others_cx - others_cx_low), 2), 0) as gap_above
    from rated
),

compared as (
    select
        *,
        ---------- the gap and its three terms
        csat - cx as csat_gap_diff,
        csat - cx - sqrt(gap_below) as csat_gap_diff_low,
        csat - cx + sqrt(gap_above) as csat_gap_diff_high,
        {{ relative('csat - cx', 'cx') }} as csat_gap_rel,

        csat - paired_csat as csat_unscored_diff,
        {{ part_of_whole('unscored_contrast_diff_low', 'responders_scored', 'csat_rated') }}
            as csat_unscored_diff_low,
        {{ part_of_whole('unscored_contrast_diff_high', 'responders_scored', 'csat_rated') }}
            as csat_unscored_diff_high,
        {{ relative('csat - paired_csat', 'paired_csat') }} as csat_unscored_rel,

        paired_csat - responders_cx as csat_measurement_diff,
        paired_csat - responders_cx - sqrt({{ paired_distance(
            'paired_csat - paired_csat_low', 'responders_cx_high - responders_cx', 'phi'
        ) }}) as csat_measurement_diff_low,
        paired_csat - responders_cx + sqrt({{ paired_distance(
            'paired_csat_high - paired_csat', 'responders_cx - responders_cx_low', 'phi'
        ) }}) as csat_measurement_diff_high,
        {{ relative('paired_csat - responders_cx', 'responders_cx') }} as csat_measurement_rel,

        responders_cx - cx as csat_selection_diff,
        {{ part_of_whole('response_bias_diff_low', 'responders_scored', 'scored') }} as csat_selection_diff_low,
        {{ part_of_whole('response_bias_diff_high', 'responders_scored', 'scored') }} as csat_selection_diff_high,
        {{ relative('responders_cx - cx', 'cx') }} as csat_selection_rel,

        ---------- the same conversations, both answers
        {{ bare_rate('rating_sum - score_sum', 'responders_scored') }} as csat_mean_diff,
        {{ mean_half_width(
            'responders_scored', '(rating_sum - score_sum)', '(rating_squares + score_squares - 2 * rating_by_score)'
        ) }} as csat_mean_half_width,
        {{ quadratic_kappa(
            'responders_scored', 'rating_sum', 'score_sum', 'rating_squares', 'score_squares', 'rating_by_score'
        ) }} as kappa,
        {{ mcnemar_p('(responders_csat_positive - both_positive)', '(responders_positive - both_positive)') }}
            as mcnemar,
        {{ two_proportion_p('responders_positive', 'responders_scored', 'others_positive', 'others_scored') }}
            as bias_p,
        {{ bare_rate('vendor_sum', 'vendor_scored') }} as vendor_mean,
        {{ bare_rate('vendor_own_sum', 'vendor_scored') }} as vendor_own_mean,
        {{ correlation_of_sums(
            'vendor_scored', 'vendor_sum', 'vendor_own_sum', 'vendor_squares', 'vendor_own_squares', 'vendor_by_score'
        ) }} as vendor_r
    from contrasted
),

people_and_ai as (
    select
        workspace_id,
        period,
        week_start,
        human_scored,
        ai_scored,
        common_share,
        least(human_scored, ai_scored) as smaller_arm,
        {{ independent_difference('human_v_ai_crude', 'human_crude', 'ai_crude') }},
        least(human_common_scored, ai_common_scored) as smaller_common_arm,
        {{ independent_difference('human_v_ai_standardised', 'human', 'ai') }}
    from human_v_ai
),

-- How the gap lies over the workspaces that show one.
over_workspaces as (
    select
        period,
        week_start,
        agent_mix,
        count(*) as workspaces,
        percentile_cont(0.1) within group (order by csat_gap_diff) as p10,
        percentile_cont(0.5) within group (order by csat_gap_diff) as median,
        percentile_cont(0.9) within group (order by csat_gap_diff) as p90
    from compared
    where scored >= {{ minimum_n() }} and csat_rated >= {{ minimum_n() }}
    group by period, week_start, agent_mix
)

select
    compared.workspace_id,
    compared.period,
    compared.week_start,
    compared.agent_mix,

    ---------- both rates, each on its own population
    compared.conversations,
    compared.scored,
    compared.positive,
    {{ shown('compared.cx', 'compared.scored') }} as cx_score,
    {{ shown('compared.cx_low', 'compared.scored') }} as cx_score_low,
    {{ shown('compared.cx_high', 'compared.scored') }} as cx_score_high,
    {{ low_n('compared.scored') }} as low_n,
    {{ shown('design_effects.cx_score_design_effect', 'compared.scored') }} as cx_score_design_effect,
    compared.csat_requested,
    compared.csat_rated,
    compared.csat_positive,
    {{ shown('compared.csat', 'compared.csat_rated') }} as csat_score,
    {{ shown('compared.csat_low', 'compared.csat_rated') }} as csat_score_low,
    {{ shown('compared.csat_high', 'compared.csat_rated') }} as csat_score_high,
    {{ low_n('compared.csat_rated') }} as csat_low_n,
    {{ shown('design_effects.csat_score_design_effect', 'compared.csat_rated') }} as csat_score_design_effect,
    {{ in_zone('settings.newest_version_at', 'settings.timezone') }}
    < {{ plus_days('compared.week_start', 14) }} as is_immature,

    ---------- who is heard: the CX score by what became of the survey
    {% for group in ['responders', 'others', 'silent', 'asked', 'unasked'] -%}
        compared.{{ group }}_scored,
        compared.{{ group }}_positive,
        {{ rate_columns(group ~ '_cx_score', 'compared.' ~ group ~ '_positive', 'compared.' ~ group ~ '_scored') }},
    {% endfor -%}
    {{ shown_difference('compared', 'response_bias', 'least(compared.responders_scored, compared.others_scored)') }},
    {{ tested('compared.bias_p', 'compared.responders_scored', 'compared.others_scored') }} as response_bias_p,
    {{ shown_difference('compared', 'response_effect', 'least(compared.responders_scored, compared.silent_scored)') }},
    {{ shown_difference('compared', 'request_effect', 'least(compared.asked_scored, compared.unasked_scored)') }},

    ---------- CSAT of the rated against the CX score of all: the gap is the sum of three terms
    {{ shown_difference('compared', 'csat_gap', 'least(compared.csat_rated, compared.scored)') }},
    {{ shown_difference('compared', 'csat_unscored', 'compared.responders_scored') }},
    {{ shown_difference('compared', 'csat_measurement', 'compared.responders_scored') }},
    {{ shown_difference('compared', 'csat_selection', 'compared.responders_scored') }},

    ---------- CSAT, had all scored conversations been rated like those of their kind
    {{ shown('adjusted.csat_adjusted', 'adjusted.effective_n') }} as csat_adjusted,
    {{ shown(wilson_low('adjusted.effective_positive', 'adjusted.effective_n'), 'adjusted.effective_n') }}
        as csat_adjusted_low,
    {{ shown(wilson_high('adjusted.effective_positive', 'adjusted.effective_n'), 'adjusted.effective_n') }}
        as csat_adjusted_high,
    {{ shown('adjusted.csat_adjusted - compared.paired_csat', 'adjusted.effective_n') }} as csat_adjusted_diff,
    {{ shown('adjusted.csat_adjusted - compared.paired_csat - adjusted.half_width', 'adjusted.effective_n') }}
        as csat_adjusted_diff_low,
    {{ shown('adjusted.csat_adjusted - compared.paired_csat + adjusted.half_width', 'adjusted.effective_n') }}
        as csat_adjusted_diff_high,
    {{ shown(
        relative('adjusted.csat_adjusted - compared.paired_csat', 'compared.paired_csat'), 'adjusted.effective_n'
    ) }} as csat_adjusted_rel,
    adjusted.effective_n as csat_effective_n,
    coalesce(adjusted.represented, 0) as csat_represented,
    {{ shown('adjusted.trimmed_share', 'adjusted.effective_n') }} as csat_trimmed_share,

    ---------- the same conversations, both answers
    compared.responders_csat_positive,
    compared.both_positive,
    {{ tested('compared.mcnemar', 'compared.responders_scored', 'compared.responders_scored') }} as csat_mcnemar_p,
    {{ shown('compared.kappa', 'compared.responders_scored') }} as csat_quadratic_kappa,
    {{ shown('compared.csat_mean_diff', 'compared.responders_scored') }} as csat_mean_diff,
    {{ shown('compared.csat_mean_diff - compared.csat_mean_half_width', 'compared.responders_scored') }}
        as csat_mean_diff_low,
    {{ shown('compared.csat_mean_diff + compared.csat_mean_half_width', 'compared.responders_scored') }}
        as csat_mean_diff_high,

    ---------- other measures of the same conversations
    compared.ai_csat_rated,
    compared.ai_csat_positive,
    {{ rate_columns('ai_csat_score', 'compared.ai_csat_positive', 'compared.ai_csat_rated') }},
    compared.vendor_scored,
    {{ shown('compared.vendor_mean', 'compared.vendor_scored') }} as vendor_mean_score,
    {{ shown('compared.vendor_own_mean', 'compared.vendor_scored') }} as vendor_own_mean_score,
    {{ shown('compared.vendor_r', 'compared.vendor_scored') }} as vendor_correlation,
    {{ shown(correlation_low('compared.vendor_r', 'compared.vendor_scored'), 'compared.vendor_scored') }}
        as vendor_correlation_low,
    {{ shown(correlation_high('compared.vendor_r', 'compared.vendor_scored'), 'compared.vendor_scored') }}
        as vendor_correlation_high,

    ---------- people against the AI agent, on the rows of all
    people_and_ai.human_scored,
    people_and_ai.ai_scored,
    {{ shown_difference('people_and_ai', 'human_v_ai_crude', 'people_and_ai.smaller_arm') }},
    {{ shown('people_and_ai.common_share', 'people_and_ai.smaller_arm') }} as human_v_ai_common_share,
    {{ shown_difference('people_and_ai', 'human_v_ai_standardised', 'people_and_ai.smaller_common_arm') }},

    ---------- the gap over workspaces
    coalesce(over_workspaces.workspaces, 0) as workspaces,
    over_workspaces.p10 as workspaces_gap_p10,
    over_workspaces.median as workspaces_gap_median,
    over_workspaces.p90 as workspaces_gap_p90
from compared
inner join settings on compared.workspace_id = settings.workspace_id
left join design_effects
    on
        compared.workspace_id = design_effects.workspace_id
        and compared.period = design_effects.period
        and compared.week_start = design_effects.week_start
        and compared.agent_mix = design_effects.agent_mix
left join adjusted
    on
        compared.workspace_id = adjusted.workspace_id
        and compared.period = adjusted.period
        and compared.week_start = adjusted.week_start
        and compared.agent_mix = adjusted.agent_mix
left join people_and_ai
    on
        compared.workspace_id = people_and_ai.workspace_id
        and compared.period = people_and_ai.period
        and compared.week_start = people_and_ai.week_start
        and compared.agent_mix = 'all'
left join over_workspaces
    on
        compared.period = over_workspaces.period
        and compared.week_start = over_workspaces.week_start
        and compared.agent_mix = over_workspaces.agent_mix
