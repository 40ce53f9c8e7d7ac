{%- set counts = [
    'conversations', 'scored', 'positive', 'csat_requested', 'csat_rated', 'csat_positive', 'responders_scored',
    'responders_positive', 'silent_scored', 'silent_positive', 'unasked_scored', 'unasked_positive',
    'responders_csat_positive', 'both_positive', 'rating_sum', 'rating_squares', 'score_sum', 'score_squares',
    'rating_by_score', 'ai_csat_rated', 'ai_csat_positive', 'vendor_scored', 'vendor_own_sum', 'vendor_own_squares',
] -%}
{%- set amounts = ['vendor_sum', 'vendor_squares', 'vendor_by_score'] -%}
with conversations as (
    select
        *,
        score >= {{ positive_from() }} as is_positive,
        is_scored and is_csat_rated as is_paired
    from {{ ref('fct_conversations') }}
    where is_in_population
),

periods as (
    select * from {{ ref('int_csat__periods') }}
),

weekly as (
    select
        workspace_id,
        week_start,
        agent_mix,

        count(*) as conversations,
        count(*) filter (where is_scored) as scored,
        count(*) filter (where is_scored and is_positive) as positive,
        count(*) filter (where is_csat_requested) as csat_requested,
        count(*) filter (where is_csat_rated) as csat_rated,
        count(*) filter (where is_csat_positive) as csat_positive,

        ---------- the scored, by what became of the survey
        count(*) filter (where is_paired) as responders_scored,
        count(*) filter (where is_paired and is_positive) as responders_positive,
        count(*) filter (where is_scored and is_csat_requested and not is_csat_rated) as silent_scored,
        count(*) filter (where is_scored and is_csat_requested and not is_csat_rated and is_positive)
            as silent_positive,
        count(*) filter (where is_scored and not is_csat_requested) as unasked_scored,
        count(*) filter (where is_scored and not is_csat_requested and is_positive) as unasked_positive,

        ---------- rated and scored
        count(*) filter (where is_paired and is_csat_positive) as responders_csat_positive,
        count(*) filter (where is_paired and is_csat_positive and is_positive) as both_positive,
        coalesce(sum(csat_rating_counted) filter (where is_paired), 0) as rating_sum,
        coalesce(sum(csat_rating_counted * csat_rating_counted) filter (where is_paired), 0) as rating_squares,
        coalesce(sum(score) filter (where is_paired), 0) as score_sum,
        coalesce(sum(score * score) filter (where is_paired), 0) as score_squares,
        coalesce(sum(csat_rating_counted * score) filter (where is_paired), 0) as rating_by_score,

        ---------- other scores of the same conversations
        count(ai_csat_rating) as ai_csat_rated,
        count(*) filter (where ai_csat_rating >= {{ positive_from() }}) as ai_csat_positive,
        count(vendor_cx_score) filter (where is_scored) as vendor_scored,
        coalesce(sum(score) filter (where is_scored and vendor_cx_score is not null), 0) as vendor_own_sum,
        coalesce(sum(score * score) filter (where is_scored and vendor_cx_score is not null), 0) as vendor_own_squares,
        coalesce(sum(vendor_cx_score) filter (where is_scored), 0) as vendor_sum,
        coalesce(sum(vendor_cx_score * vendor_cx_score) filter (where is_scored), 0) as vendor_squares,
        coalesce(sum(vendor_cx_score * score) filter (where is_scored), 0) as vendor_by_score
    from conversations
    group by workspace_id, week_start, agent_mix
),

by_mix as (
    select
        periods.workspace_id,
        periods.period,
        periods.week_start,
        weekly.agent_mix,
    {% for name in counts + amounts -%}
        sum(weekly.{{ name }}) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
    from periods
    inner join weekly
        on
            periods.workspace_id = weekly.workspace_id
            and periods.member_week_start = weekly.week_start
    group by periods.workspace_id, periods.period, periods.week_start, weekly.agent_mix
),

whole as (
    select
        workspace_id,
        period,
        week_start,
        'all' as agent_mix,
    {% for name in counts + amounts -%}
        sum({{ name }}) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
    from by_mix
    group by workspace_id, period, week_start
),

united as (
    select * from by_mix
    union all
    select * from whole
),

final as (
    select
        workspace_id,
        period,
        week_start,
        agent_mix,
        {% for name in counts -%}
            cast({{ name }} as bigint) as {{ name }},
        {% endfor -%}
    {% for name in amounts -%}
        cast({{ name }} as double precision) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
    from united
)

select * from final
