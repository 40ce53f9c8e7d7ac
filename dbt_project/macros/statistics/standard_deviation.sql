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
    {{ _chi_square_root('nullif(cast(' ~ n ~ ' as double precision) - 1, 0)', sign) }}
{%- endmacro %}

{% macro _chi_square_root(freedom, sign) -%}
    {%- set share = '(2 / (9 * ' ~ freedom ~ '))' -%}
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


{#- The bounds between which 95 % of draws put the standard deviation over weeks, when drawing adds a variance of its
    own to each: of k weeks, the sum of squared distances from their mean, the sums of the added variances, of their
    squares and of squared distance times added variance. Mean and variance of such a sum of squares are exact for normal
    errors; its quantiles are those of the chi-square distribution with the same two (Satterthwaite 1946). -#}
{% macro drawn_deviation_low(k, squares, added, added_squares, squares_by_added) -%}
    {{ _drawn_deviation('-', k, squares, added, added_squares, squares_by_added) }}
{%- endmacro %}

{% macro drawn_deviation_high(k, squares, added, added_squares, squares_by_added) -%}
    {{ _drawn_deviation('+', k, squares, added, added_squares, squares_by_added) }}
{%- endmacro %}

{% macro _drawn_deviation(sign, k, squares, added, added_squares, squares_by_added) -%}
    {%- set k = '(cast(' ~ k ~ ' as double precision))' -%}
    {%- set mean = '(' ~ squares ~ ' + (1 - 1 / ' ~ k ~ ') * ' ~ added ~ ')' -%}
    {%- set variance -%}
        (
            2 * ((1 - 2 / {{ k }}) * {{ added_squares }} + {{ added }} * {{ added }} / ({{ k }} * {{ k }}))
            + 4 * {{ squares_by_added }}
        )
    {%- endset -%}
    {%- set freedom = '(2 * ' ~ mean ~ ' * ' ~ mean ~ ' / ' ~ variance ~ ')' -%}
    case
        when {{ added }} > 0
            then sqrt({{ mean }} / ({{ k }} - 1) * power(greatest(0.0, {{ _chi_square_root(freedom, sign) }}), 3))
        else sqrt({{ squares }} / ({{ k }} - 1))
    end
{%- endmacro %}
