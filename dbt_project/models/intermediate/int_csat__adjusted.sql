with conversations as (
    select
        *,
        case
            when score >= {{ positive_from() }} then 'positive'
            when score <= {{ negative_to() }} then 'negative'
            else 'neutral'
        end as band
    from {{ ref('fct_conversations') }}
    where is_in_population and is_scored
),

periods as (
    select * from {{ ref('int_csat__periods') }}
),

weekly as (
    select
        workspace_id,
        week_start,
        agent_mix,
        channel,
        topic,
        band,
        count(*) as scored,
        count(*) filter (where is_csat_rated) as responders,
        count(*) filter (where is_csat_positive) as responders_csat_positive
    from conversations
    group by workspace_id, week_start, agent_mix, channel, topic, band
),

cells as (
    select
        periods.workspace_id,
        periods.period,
        periods.week_start,
        weekly.agent_mix,
        weekly.channel,
        weekly.topic,
        weekly.band,
        sum(weekly.scored) as scored,
        sum(weekly.responders) as responders,
        sum(weekly.responders_csat_positive) as responders_csat_positive
    from periods
    inner join weekly
        on
            periods.workspace_id = weekly.workspace_id
            and periods.member_week_start = weekly.week_start
    group by
        periods.workspace_id,
        periods.period,
        periods.week_start,
        weekly.agent_mix,
        weekly.channel,
        weekly.topic,
        weekly.band
),

-- Each cell stands in the row of its own mix and in that of all.
reported as (
    select
        *,
        agent_mix as reported_mix
    from cells
    union all
    select
        *,
        'all' as reported_mix
    from cells
),

-- Too small a cell is pooled with the other small ones of its mix and score band, then of its score band alone.
pooled_by_mix as (
    select
        *,
        responders >= {{ minimum_cell() }} as stands_alone,
        sum(case when responders < {{ minimum_cell() }} then scored else 0 end) over mix_and_band as mix_scored,
        sum(case when responders < {{ minimum_cell() }} then responders else 0 end) over mix_and_band as mix_responders
    from reported
    window mix_and_band as (partition by workspace_id, period, week_start, reported_mix, agent_mix, band)
),

pooled_by_band as (
    select
        *,
        sum(case when not stands_alone and mix_responders < {{ minimum_cell() }} then scored else 0 end)
            over band_alone as band_scored,
        sum(case when not stands_alone and mix_responders < {{ minimum_cell() }} then responders else 0 end)
            over band_alone as band_responders
    from pooled_by_mix
    window band_alone as (partition by workspace_id, period, week_start, reported_mix, band)
),

weighed as (
    select
        *,
        case
            when stands_alone then {{ bare_rate('scored', 'responders') }}
            when mix_responders >= {{ minimum_cell() }} then {{ bare_rate('mix_scored', 'mix_responders') }}
            else {{ bare_rate('band_scored', 'band_responders') }}
        end as full_weight
    from pooled_by_band
),

-- A band without any answer has no weight: nobody speaks for it.
averaged as (
    select
        *,
        {{ bare_rate(
            'sum(case when full_weight is not null then scored else 0 end) over report', 'sum(responders) over report'
        ) }} as mean_weight
    from weighed
    window report as (partition by workspace_id, period, week_start, reported_mix)
),

trimmed as (
    select
        *,
        least(full_weight, {{ heaviest_weight() }} * mean_weight) as weight
    from averaged
    where full_weight is not null
),

summed as (
    select
        workspace_id,
        period,
        week_start,
        reported_mix as agent_mix,
        sum(scored) as represented,
        sum(responders) as responders,
        sum(weight * responders) as weights,
        sum(weight * weight * responders) as squared_weights,
        sum(weight * responders_csat_positive) as positive_weights
    from trimmed
    group by workspace_id, period, week_start, reported_mix
),

final as (
    select
        workspace_id,
        period,
        week_start,
        agent_mix,
        cast(represented as bigint) as represented,
        cast(responders as bigint) as responders,
        {{ bare_rate('positive_weights', 'weights') }} as csat_adjusted,
        {{ effective_n('weights', 'squared_weights') }} as effective_n,
        -- At most 1 but for the last digits of a sum.
        greatest(0.0, 1 - {{ bare_rate('weights', 'represented') }}) as trimmed_share
    from summed
)

select * from final
