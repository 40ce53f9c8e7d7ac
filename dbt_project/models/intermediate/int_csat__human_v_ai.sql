with conversations as (
    select * from {{ ref('fct_conversations') }}
    where is_in_population and is_scored and agent_mix in ('human_only', 'ai_only')
),

periods as (
    select * from {{ ref('int_csat__periods') }}
),

weekly as (
    select
        workspace_id,
        week_start,
        topic,
        channel,
        count(*) filter (where agent_mix = 'human_only') as human_scored,
        count(*) filter (where agent_mix = 'human_only' and score >= {{ positive_from() }}) as human_positive,
        count(*) filter (where agent_mix = 'ai_only') as ai_scored,
        count(*) filter (where agent_mix = 'ai_only' and score >= {{ positive_from() }}) as ai_positive
    from conversations
    group by workspace_id, week_start, topic, channel
),

strata as (
    select
        periods.workspace_id,
        periods.period,
        periods.week_start,
        weekly.topic,
        weekly.channel,
        sum(weekly.human_scored) as human_scored,
        sum(weekly.human_positive) as human_positive,
        sum(weekly.ai_scored) as ai_scored,
        sum(weekly.ai_positive) as ai_positive
    from periods
    inner join weekly
        on
            periods.workspace_id = weekly.workspace_id
            and periods.member_week_start = weekly.week_start
    group by periods.workspace_id, periods.period, periods.week_start, weekly.topic, weekly.channel
),

-- Only strata in which both can show a rate are common ground.
rated as (
    select
        *,
        human_scored + ai_scored as both_scored,
        human_scored >= {{ minimum_n() }} and ai_scored >= {{ minimum_n() }} as is_common,
        {{ rate_columns('human', 'human_positive', 'human_scored') }},
        {{ rate_columns('ai', 'ai_positive', 'ai_scored') }},
        case
            when human_scored >= {{ minimum_n() }} and ai_scored >= {{ minimum_n() }} then human_scored + ai_scored
        end as weight
    from strata
),

final as (
    select
        workspace_id,
        period,
        week_start,
        cast(sum(human_scored) as bigint) as human_scored,
        cast(sum(human_positive) as bigint) as human_positive,
        cast(sum(ai_scored) as bigint) as ai_scored,
        cast(sum(ai_positive) as bigint) as ai_positive,
        cast(coalesce(sum(human_scored) filter (where is_common), 0) as bigint) as human_common_scored,
        cast(coalesce(sum(ai_scored) filter (where is_common), 0) as bigint) as ai_common_scored,
        {{ bare_rate('coalesce(sum(weight), 0)', 'sum(both_scored)') }} as common_share,
        {{ directly_standardised('human', 'weight') }} as human,
        {{ directly_standardised_low('human', 'human_low', 'weight') }} as human_low,
        {{ directly_standardised_high('human', 'human_high', 'weight') }} as human_high,
        {{ directly_standardised('ai', 'weight') }} as ai,
        {{ directly_standardised_low('ai', 'ai_low', 'weight') }} as ai_low,
        {{ directly_standardised_high('ai', 'ai_high', 'weight') }} as ai_high
    from rated
    group by workspace_id, period, week_start
)

select * from final
