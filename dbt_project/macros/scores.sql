{#- The lines between negative, neutral and positive, for scores and five-point ratings alike. A test holds them equal
    to scoring_ops/score.py. -#}
{% macro positive_from() -%} 4 {%- endmacro %}

{% macro negative_to() -%} 2 {%- endmacro %}

{#- True where a raw score is rounded to a positive one: ties go toward neutral. Weights have six decimals, so half of
    the last one tells a tie from its floating-point neighbours. -#}
{% macro is_positive_raw(raw_score) -%}
    {{ raw_score }} > {{ positive_from() }} - 0.5 + 0.0000005
{%- endmacro %}
