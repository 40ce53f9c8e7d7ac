{#- How much wider an interval must be because customers come back: the variance of a rate over customers as clusters
    (linearised ratio) over that of as many independent conversations. 1: no clustering; an interval widens by its
    root. From one row per customer with `positive` and `n` of that customer; an aggregate over a group of customers.
    Null under two customers, and where all or none are positive. -#}
{% macro design_effect(positive, n) -%}
    {%- set yes = 'cast(sum(' ~ positive ~ ') as double precision)' -%}
    {%- set all = 'cast(sum(' ~ n ~ ') as double precision)' -%}
    {%- set clusters = 'count(*) filter (where ' ~ n ~ ' > 0)' -%}
    {%- set p = '(' ~ yes ~ ' / ' ~ all ~ ')' -%}
    case
        when {{ clusters }} > 1 and sum({{ positive }}) > 0 and sum({{ positive }}) < sum({{ n }})
            then cast({{ clusters }} as double precision) / ({{ clusters }} - 1)
                * (
                    sum({{ positive }} * {{ positive }})
                    - 2 * {{ p }} * sum({{ positive }} * {{ n }})
                    + {{ p }} * {{ p }} * sum({{ n }} * {{ n }})
                ) / ({{ all }} * {{ p }} * (1 - {{ p }}))
    end
{%- endmacro %}
