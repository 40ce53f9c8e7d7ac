{%- set counts = ['scored', 'positive', 'csat_rated', 'csat_positive'] -%}
-- A conversation without a known customer is a customer of its own.
with conversations as (
    select
        *,
        coalesce(customer_id, '') as known_customer,
        case when customer_id is null then conversation_id else '' end as lone_conversation
    from {{ ref('fct_conversations') }}
    where is_in_population and (is_scored or is_csat_rated)
),

periods as (
    select * from {{ ref('int_csat__periods') }}
),

customer_weeks as (
    select
        workspace_id,
        week_start,
        agent_mix,
        source,
        known_customer,
        lone_conversation,
        count(*) filter (where is_scored) as scored,
        count(*) filter (where is_scored and score >= {{ positive_from() }}) as positive,
        count(*) filter (where is_csat_rated) as csat_rated,
        count(*) filter (where is_csat_positive) as csat_positive
    from conversations
    group by workspace_id, week_start, agent_mix, source, known_customer, lone_conversation
),

customers_by_mix as (
    select
        periods.workspace_id,
        periods.period,
        periods.week_start,
        customer_weeks.agent_mix,
        customer_weeks.source,
        customer_weeks.known_customer,
        customer_weeks.lone_conversation,
    {% for name in counts -%}
        cast(sum(customer_weeks.{{ name }}) as bigint) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
    from periods
    inner join customer_weeks
        on
            periods.workspace_id = customer_weeks.workspace_id
            and periods.member_week_start = customer_weeks.week_start
    group by
        periods.workspace_id,
        periods.period,
        periods.week_start,
        customer_weeks.agent_mix,
        customer_weeks.source,
        customer_weeks.known_customer,
        customer_weeks.lone_conversation
),

customers_of_all as (
    select
        workspace_id,
        period,
        week_start,
        'all' as agent_mix,
    {% for name in counts -%}
        cast(sum({{ name }}) as bigint) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
    from customers_by_mix
    group by workspace_id, period, week_start, source, known_customer, lone_conversation
),

customers as (
    select
        workspace_id,
        period,
        week_start,
        agent_mix,
        {{ counts | join(', ') }}
    from customers_by_mix
    union all
    select * from customers_of_all
),

final as (
    select
        workspace_id,
        period,
        week_start,
        agent_mix,
        {{ design_effect('positive', 'scored') }} as cx_score_design_effect,
        {{ design_effect('csat_positive', 'csat_rated') }} as csat_score_design_effect
    from customers
    group by workspace_id, period, week_start, agent_mix
)

select * from final
