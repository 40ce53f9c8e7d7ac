{#- What an engine wants to be told about a table that was just made; nothing where it finds out by itself. -#}

{% macro analyzed() -%}
    {{ return(adapter.dispatch('analyzed')()) }}
{%- endmacro %}

{% macro default__analyzed() -%}
{%- endmacro %}

{% macro postgres__analyzed() -%}
    {{ return('analyze ' ~ this if model.config.materialized == 'table' else '') }}
{%- endmacro %}
