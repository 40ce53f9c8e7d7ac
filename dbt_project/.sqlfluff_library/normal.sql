{#- What sqlfluff gets in place of macros/statistics/normal.sql. A p-value written out repeats its arguments thirty
    times, which takes the linter minutes to parse and tells it nothing about the models. dbt never sees this file. -#}

{% macro normal_cdf(x) -%} exp({{ x }}) {%- endmacro %}

{% macro normal_tail(x) -%} exp({{ x }}) {%- endmacro %}

{% macro two_sided_p(z) -%} exp({{ z }}) {%- endmacro %}
