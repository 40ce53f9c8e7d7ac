{#- Severities in order, so that the worst of several can be found. -#}
{% macro severity_rank(column) -%}
    case {{ column }} when 'low' then 1 when 'medium' then 2 when 'high' then 3 when 'critical' then 4 end
{%- endmacro %}

{% macro severity_of_rank(rank) -%}
    case {{ rank }} when 1 then 'low' when 2 then 'medium' when 3 then 'high' when 4 then 'critical' end
{%- endmacro %}
