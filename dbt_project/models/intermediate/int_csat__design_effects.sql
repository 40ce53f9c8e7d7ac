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

-- Numbers in place of names: what follows groups millions of rows, and by numbers at two thirds of the cost.
period_numbers as (
    select
        workspace_id,
        period,
        week_start,
        row_number() over (order by workspace_id, period, week_start) as period_number
    from periods
    group by workspace_id, period, week_start
),

members as (
    select
        periods.workspace_id,
        periods.member_week_start,
        period_numbers.period_number
    from periods
    inner join period_numbers
        on
            periods.workspace_id = period_numbers.workspace_id
            and periods.period = period_numbers.period
            and periods.week_start = period_numbers.week_start
),

customer_numbers as (
    select
        workspace_id,
        source,
        known_customer,
        lone_conversation,
        row_number() over (order by workspace_id, source, known_customer, lone_conversation) as customer_number
    from conversations
    group by workspace_id, source, known_customer, lone_conversation
),

customer_weeks as (
    select
        conversations.workspace_id,
        conversations.week_start,
        conversations.agent_mix,
        customer_numbers.customer_number,
        cast(count(*) filter (where conversations.is_scored) as double precision) as scored,
        cast(
            count(*) filter (where conversations.is_scored and conversations.score >= {{ positive_from() }})
            as double precision
        ) as positive,
        cast(count(*) filter (where conversations.is_csat_rated) as double precision) as csat_rated,
        cast(count(*) filter (where conversations.is_csat_positive) as double precision) as csat_positive
    from conversations
    inner join customer_numbers
        on
            conversations.workspace_id = customer_numbers.workspace_id
            and conversations.source = customer_numbers.source
            and conversations.known_customer = customer_numbers.known_customer
            and conversations.lone_conversation = customer_numbers.lone_conversation
    group by
        conversations.workspace_id,
        conversations.week_start,
        conversations.agent_mix,
        customer_numbers.customer_number
),

customers_by_mix as (
    select
        members.period_number,
        customer_weeks.agent_mix,
        customer_weeks.customer_number,
    {% for name in counts -%}
        sum(customer_weeks.{{ name }}) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
    from members
    inner join customer_weeks
        on
            members.workspace_id = customer_weeks.workspace_id
            and members.member_week_start = customer_weeks.week_start
    group by members.period_number, customer_weeks.agent_mix, customer_weeks.customer_number
),

customers_of_all as (
    select
        period_number,
        'all' as agent_mix,
        customer_number,
    {% for name in counts -%}
        sum({{ name }}) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
    from customers_by_mix
    group by period_number, customer_number
),

customers as (
    select * from customers_by_mix
    union all
    select * from customers_of_all
),

effects as (
    select
        period_number,
        agent_mix,
        {{ design_effect('positive', 'scored') }} as cx_score_design_effect,
        {{ design_effect('csat_positive', 'csat_rated') }} as csat_score_design_effect
    from customers
    group by period_number, agent_mix
),

final as (
    select
        period_numbers.workspace_id,
        period_numbers.period,
        period_numbers.week_start,
        effects.agent_mix,
        effects.cx_score_design_effect,
        effects.csat_score_design_effect
    from effects
    inner join period_numbers on effects.period_number = period_numbers.period_number
)

select * from final
