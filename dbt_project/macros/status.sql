{#- A signal of the status board: a value between the ends of its interval, null where `known` does not hold, and what
    it rests on. What has no interval is its own. -#}
{% macro status_signal(relation, name, n, value, known, low=none, high=none) -%}
    select
        workspace_id,
        week_start,
        '{{ name }}' as signal,
        cast({{ n }} as bigint) as n,
        case when {{ known }} then cast({{ value }} as double precision) end as value,
        case when {{ known }} then cast({{ low or value }} as double precision) end as value_low,
        case when {{ known }} then cast({{ high or value }} as double precision) end as value_high
    from {{ relation }}
{%- endmacro %}
