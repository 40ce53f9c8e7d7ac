with weeks as (
    select
        *,
        cast(conversations as double precision) / week_conversations as topic_part,
        max(case when scored > 0 then weeks_ago end) over (partition by workspace_id, topic) as oldest,
        min(case when scored > 0 then weeks_ago end) over (partition by workspace_id, topic) as newest
    from {{ ref('int_topics__weekly') }}
),

-- Time runs forward: the last week is week 0, those before it are negative.
summed as (
    select
        workspace_id,
        topic,
        max(last_week) as last_week,
        max(scorer_version) as scorer_version,

        count(case when scored > 0 then 1 end) as trend_weeks,
        min(case when scored > 0 then week_start end) as trend_from,
        max(case when scored > 0 then week_start end) as trend_to,
        cast(sum(scored) as bigint) as scored,
        cast(sum(positive) as bigint) as positive,
        sum(case when 2 * weeks_ago > oldest + newest then scored else 0 end) as scored_early,
        sum(case when 2 * weeks_ago < oldest + newest then scored else 0 end) as scored_late,
        {{ trend_sums('positive', 'scored', '-weeks_ago') }},

        cast(sum(case when weeks_ago = 0 then conversations else 0 end) as bigint) as conversations,
        cast(sum(case when weeks_ago = 0 then week_conversations else 0 end) as bigint) as week_conversations,
        count(case when weeks_ago > 0 then 1 end) as weeks_before,
        cast(sum(case when weeks_ago > 0 then conversations else 0 end) as bigint) as conversations_before,
        cast(sum(case when weeks_ago > 0 then week_conversations else 0 end) as bigint) as week_conversations_before,
        sum(case when weeks_ago > 0 then conversations * topic_part end)
            as squares_before
    from weeks
    group by workspace_id, topic
),

rated as (
    select
        *,
        {{ rate_columns('cx_score', 'positive', 'scored') }},
        {{ rate_columns('topic_share', 'conversations', 'week_conversations') }},
        {{ rate_columns('topic_share_before', 'conversations_before', 'week_conversations_before') }},
        scored_early >= {{ ample_n() }} and scored_late >= {{ ample_n() }} as has_ample_halves,
        week_conversations >= {{ ample_n() }}
        and week_conversations_before >= {{ ample_n() }}
        and {{ enough_expected(
            'conversations', 'week_conversations', 'conversations_before', 'week_conversations_before'
        ) }} as has_ample_weeks,
        case when positive > 0 and positive < scored then {{ trend_slope('positive', 'scored') }} else 0 end as slope
    from summed
    where conversations + conversations_before > 0
),

spread as (
    select
        *,
        case
            when positive > 0 and positive < scored
                then {{ trend_dispersion('slope', 'positive', 'scored', 'trend_weeks') }}
        end as slope_dispersion,
        case
            when conversations_before > 0 and conversations_before < week_conversations_before
                then {{ level_dispersion(
                    'conversations_before', 'week_conversations_before', 'squares_before', 'weeks_before'
                ) }}
            else 1.0
        end as share_dispersion
    from rated
),

-- Without one conversation of the other kind nothing tells the weeks apart: no trend, and no doubt about it.
tested as (
    select
        *,
        trend_weeks >= {{ least_trend_weeks() }} and has_ample_halves as is_trend_tested,
        case when slope_dispersion is not null then {{ trend_error('slope_dispersion', 'positive', 'scored') }} end
            as slope_error,
        weeks_before >= {{ least_weeks_before() }} and has_ample_weeks as is_share_tested,
        {{ spike_z(
            'conversations', 'week_conversations', 'conversations_before', 'week_conversations_before',
            'share_dispersion'
        ) }} as share_z
    from spread
),

judged as (
    select
        *,
        case
            when not is_trend_tested then null
            when slope_error is null then 1.0
            else {{ two_sided_p('(slope / slope_error)') }}
        end as cx_score_trend_p,
        case
            when not is_share_tested then null
            when share_z is null then 1.0
            else {{ two_sided_p('share_z') }}
        end as topic_share_p
    from tested
),

-- All topics of a workspace are read side by side: one family of tests for trends, one for spikes.
stepped as (
    select
        *,
        {{ benjamini_hochberg_step('cx_score_trend_p', 'workspace_id') }} as trend_step,
        {{ benjamini_hochberg_step('topic_share_p', 'workspace_id') }} as share_step
    from judged
),

adjusted as (
    select
        *,
        {{ benjamini_hochberg_q('trend_step', 'cx_score_trend_p', 'workspace_id') }} as cx_score_trend_q,
        {{ benjamini_hochberg_q('share_step', 'topic_share_p', 'workspace_id') }} as topic_share_q
    from stepped
)

select
    workspace_id,
    topic,
    last_week,
    scorer_version,

    ---------- the trend of the CX score
    trend_weeks,
    trend_from,
    trend_to,
    scored,
    positive,
    cx_score,
    cx_score_low,
    cx_score_high,
    {{ low_n('scored') }} as low_n,
    case when is_trend_tested then slope end as cx_score_trend_diff,
    case when is_trend_tested then slope - {{ z_95() }} * slope_error end as cx_score_trend_diff_low,
    case when is_trend_tested then slope + {{ z_95() }} * slope_error end as cx_score_trend_diff_high,
    case when is_trend_tested then slope_dispersion end as cx_score_trend_dispersion,
    cx_score_trend_p,
    cx_score_trend_q,
    case
        when trend_weeks < {{ least_trend_weeks() }} then 'too_short'
        when not is_trend_tested then 'too_small'
        when cx_score_trend_q > {{ q_limit() }} then 'steady'
        when slope < 0 then 'declining'
        else 'rising'
    end as cx_score_trend_label,

    ---------- how often, in the last week and before
    conversations,
    week_conversations,
    topic_share,
    topic_share_low,
    topic_share_high,
    weeks_before,
    conversations_before,
    week_conversations_before,
    topic_share_before,
    topic_share_before_low,
    topic_share_before_high,
    topic_share - topic_share_before as topic_share_diff,
    {{ newcombe_low('topic_share', 'topic_share_low', 'topic_share_before', 'topic_share_before_high') }}
        as topic_share_diff_low,
    {{ newcombe_high('topic_share', 'topic_share_high', 'topic_share_before', 'topic_share_before_low') }}
        as topic_share_diff_high,
    (topic_share - topic_share_before) / nullif(topic_share_before, 0) as topic_share_rel,
    case when is_share_tested then share_dispersion end as topic_share_dispersion,
    topic_share_p,
    topic_share_q,
    case
        when weeks_before < {{ least_weeks_before() }} then 'too_short'
        when not is_share_tested then 'too_small'
        when
            topic_share_q <= {{ q_limit() }}
            and conversations >= {{ minimum_n() }}
            and topic_share >= {{ spike_factor() }} * topic_share_before
            then 'spike'
        else 'usual'
    end as topic_share_label
from adjusted
