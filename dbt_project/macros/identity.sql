{#- The join of two relations on the identity of a conversation. -#}
{% macro same_conversation(a, b) -%}
    {{ a }}.workspace_id = {{ b }}.workspace_id
    and {{ a }}.source = {{ b }}.source
    and {{ a }}.conversation_id = {{ b }}.conversation_id
{%- endmacro %}
