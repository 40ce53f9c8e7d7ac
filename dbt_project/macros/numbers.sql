{#- A number without its last digits, which hang on the order in which an engine adds: for ties, exact comparisons. -#}

{% macro rounded(number, digits=9) -%}
    {{ return(adapter.dispatch('rounded')(number, digits)) }}
{%- endmacro %}

{% macro default__rounded(number, digits) -%}
    round({{ number }}, {{ digits }})
{%- endmacro %}

{#- Its two-argument round() takes exact numbers alone. -#}
{% macro postgres__rounded(number, digits) -%}
    cast(round(cast({{ number }} as numeric), {{ digits }}) as double precision)
{%- endmacro %}
