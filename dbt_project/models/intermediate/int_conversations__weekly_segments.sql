with conversations as (
    select * from {{ ref('fct_conversations') }}
    where is_in_population
),

-- One pass for each kind: five copies of every conversation would be the largest table of the warehouse.
by_channel as (
    {{ counted_by('channel') }}
),

by_language as (
    {{ counted_by('language') }}
),

by_agent_mix as (
    {{ counted_by('agent_mix') }}
),

by_topic as (
    {{ counted_by('topic') }}
),

by_team as (
    {{ counted_by('team') }}
),

final as (
    select * from by_channel
    union all
    select * from by_language
    union all
    select * from by_agent_mix
    union all
    select * from by_topic
    union all
    select * from by_team
)

select * from final
