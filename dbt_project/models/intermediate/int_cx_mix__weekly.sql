with conversations as (
    select * from {{ ref('fct_conversations') }}
    where is_scored
),

weeks as (
    select * from {{ ref('int_conversations__weekly') }}
),

-- What customers came with and by which way; who served them is part of the service, not of the mix.
strata as (
    select
        workspace_id,
        week_start,
        coalesce(channel, 'unknown') as channel,
        coalesce(topic, 'unknown') as topic,
        count(*) as scored,
        count(*) filter (where score >= {{ positive_from() }}) as positive
    from conversations
    group by workspace_id, week_start, coalesce(channel, 'unknown'), coalesce(topic, 'unknown')
),

shared as (
    select
        strata.workspace_id,
        strata.week_start,
        cast({{ plus_days('strata.week_start', 7) }} as date) as week_after,
        strata.channel,
        strata.topic,
        cast(strata.positive as double precision) / strata.scored as rate,
        cast(strata.scored as double precision) / weeks.scored as share
    from strata
    inner join weeks
        on
            strata.workspace_id = weeks.workspace_id
            and strata.week_start = weeks.week_start
),

paired as (
    select
        coalesce(shared.workspace_id, before.workspace_id) as workspace_id,
        coalesce(shared.week_start, before.week_after) as week_start,
        shared.rate,
        shared.share,
        before.rate as rate_before,
        before.share as share_before
    from shared
    full join shared as before
        on
            shared.workspace_id = before.workspace_id
            and shared.channel = before.channel
            and shared.topic = before.topic
            and shared.week_start = before.week_after
),

final as (
    select
        workspace_id,
        week_start,
        sum({{ kitagawa_rate_part('rate', 'share', 'rate_before', 'share_before') }}) as rate_part,
        sum({{ kitagawa_mix_part('rate', 'share', 'rate_before', 'share_before') }}) as mix_part
    from paired
    group by workspace_id, week_start
    having count(rate) > 0 and count(rate_before) > 0
)

select * from final
