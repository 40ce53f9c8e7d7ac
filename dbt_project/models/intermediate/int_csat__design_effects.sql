{%- set counts = ['scored', 'positive', 'csat_rated', 'csat_positive'] -%}
with conversations as (
    select * from {{ ref('fct_conversations') }}
    where is_in_population and (is_scored or is_csat_rated)
),

periods as (
    select * from {{ ref('int_csat__periods') }}
),

-- A conversation without a known customer is a customer of its own.
customer_weeks as (
    select
        workspace_id,
        week_start,
        agent_mix,
        source,
        coalesce(customer_id, '') as customer_id,
        case when customer_id is null then conversation_id else '' end as conversation_id,
        count(*) filter (where is_scored) as scored,
        count(*) filter (where is_scored and score >= {{ positive_from() }}) as positive,
        count(*) filter (where is_csat_rated) as csat_rated,
        count(*) filter (where is_csat_positive) as csat_positive
    from conversations
    group by 1, 2, 3, 4, 5, 6
),

customers_by_mix as (
    select
        periods.workspace_id,
        periods.period,
        periods.week_start,
        customer_weeks.agent_mix,
        customer_weeks.source,
        customer_weeks.customer_id,
        customer_weeks.conversation_id,
        {% for name in counts -%}
        cast(sum(customer_weeks.{{ name }}) as bigint) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from periods
    inner join customer_weeks
        on
            periods.workspace_id = customer_weeks.workspace_id
            and periods.member_week_start = customer_weeks.week_start
    group by 1, 2, 3, 4, 5, 6, 7
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
    group by workspace_id, period, week_start, source, customer_id, conversation_id
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
