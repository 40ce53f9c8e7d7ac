{#- The lines between negative, neutral and positive, for scores and five-point ratings alike. A test holds them equal
    to scoring_ops/score.py. -#}
{% macro positive_from() -%} 4 {%- endmacro %}

{% macro negative_to() -%} 2 {%- endmacro %}
