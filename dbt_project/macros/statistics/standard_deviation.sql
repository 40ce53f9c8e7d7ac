{#- The interval of a standard deviation over few values, and what chance alone explains of it. -#}

{#- Bounds of the 95 % interval of a standard deviation over n values that are close to normal. The quantile of the
    chi-square distribution is Wilson and Hilferty's (1931): from 11 degrees of freedom on, the bounds are within 0.5 %
    of the exact ones. -#}
{% macro standard_deviation_low(deviation, n) -%}
    {{ deviation }} / power({{ _chi_square_by_freedom(n, '+') }}, 1.5)
{%- endmacro %}

{% macro standard_deviation_high(deviation, n) -%}
    {{ deviation }} / power({{ _chi_square_by_freedom(n, '-') }}, 1.5)
{%- endmacro %}

{#- The cube root of the quantile divided by its degrees of freedom. -#}
{% macro _chi_square_by_freedom(n, sign) -%}
    {%- set share -%} (2 / (9 * nullif(cast({{ n }} as double precision) - 1, 0))) {%- endset -%}
    (1 - {{ share }} {{ sign }} {{ z_95() }} * sqrt({{ share }}))
{%- endmacro %}


{#- The variance of a rate by chance alone, without bias from estimating it on the same n: null under 2. -#}
{% macro sampling_variance(rate, n) -%}
    {{ rate }} * (1 - {{ rate }}) / nullif(cast({{ n }} as double precision) - 1, 0)
{%- endmacro %}

{#- The variance of the rate of `drawn` conversations, drawn without replacement from the n that have it: 0 where all
    are drawn. -#}
{% macro drawn_variance(rate, n, drawn) -%}
    case
        when {{ drawn }} >= {{ n }} then 0.0
        else {{ rate }} * (1 - {{ rate }}) / {{ drawn }} * ({{ n }} - {{ drawn }}) / ({{ n }} - 1)
    end
{%- endmacro %}
