{#- Weights for those who answered, so that they stand for all who were asked about. -#}

{#- Answers from which on a cell stands for itself; a smaller one is pooled with its like. -#}
{% macro minimum_cell() -%} 5 {%- endmacro %}

{#- A weight is cut at so many times the mean one: a single answer must not speak for hundreds. -#}
{% macro heaviest_weight() -%} 5 {%- endmacro %}

{#- Kish's effective n (1965), from the sum of the weights and of their squares: as many unweighted answers would be as
    sure. -#}
{% macro effective_n(weights, squared_weights) -%}
    {{ weights }} * {{ weights }} / nullif({{ squared_weights }}, 0)
{%- endmacro %}

{#- Half the width of the 95 % interval of a weighted rate minus the unweighted one of the same n answers, the weights
    taken as given: the difference is a sum over the answers with coefficients weight / weights - 1 / n, whose squares
    add up to 1 / effective n - 1 / n. -#}
{% macro reweighting_half_width(rate, effective_n, n) -%}
    {{ z_95() }} * sqrt({{ rate }} * (1 - {{ rate }}) * greatest(
        0.0, 1 / nullif(cast({{ effective_n }} as double precision), 0) - 1 / nullif(cast({{ n }} as double precision), 0)
    ))
{%- endmacro %}
