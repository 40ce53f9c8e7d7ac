{#- The process faults of the rubric, in its order; tests hold the list to the Python code. -#}
{% macro fault_kinds() -%}
    {{ return(['lost_context', 'repeated_explanation', 'contradiction', 'unanswered']) }}
{%- endmacro %}
