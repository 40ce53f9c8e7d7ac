{#- Differences of rates that stand on the same or on overlapping conversations, where Newcombe's interval for
    independent groups does not fit. They are computed for any n and hidden once, where published, by `shown`. -#}

{#- A rate and its Wilson bounds as three columns, not hidden by n: for sums that need the parts of a shown whole. -#}
{% macro bare_rate_columns(name, successes, n) -%}
    {{ bare_rate(successes, n) }} as {{ name }},
    {{ wilson_low(successes, n) }} as {{ name }}_low,
    {{ wilson_high(successes, n) }} as {{ name }}_high
{%- endmacro %}

{% macro bare_rate(successes, n) -%}
    cast({{ successes }} as double precision) / nullif({{ n }}, 0)
{%- endmacro %}

{#- A difference as a share of what it is a difference from. -#}
{% macro relative(difference, base) -%}
    ({{ difference }}) / nullif({{ base }}, 0)
{%- endmacro %}


{#- The difference of two independent rates in points and relative, with Newcombe's interval: four columns, not hidden
    by n. `a` and `b` name rates that have their bounds beside them. -#}
{% macro independent_difference(name, a, b) -%}
    {{ a }} - {{ b }} as {{ name }}_diff,
    {{ newcombe_low(a, a ~ '_low', b, b ~ '_high') }} as {{ name }}_diff_low,
    {{ newcombe_high(a, a ~ '_high', b, b ~ '_low') }} as {{ name }}_diff_high,
    {{ relative(a ~ ' - ' ~ b, b) }} as {{ name }}_rel
{%- endmacro %}

{#- The same four columns as they are published: null where the smaller group is too small to show. -#}
{% macro shown_difference(of, name, n) -%}
    {% for part in ['_diff', '_diff_low', '_diff_high', '_rel'] -%}
        {{ shown(of ~ '.' ~ name ~ part, n) }} as {{ name ~ part }}{{ ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}


{#- A part against the whole that it belongs to: how the part differs from the rest, times the rest's share. -#}
{% macro part_of_whole(part_against_rest, part, whole) -%}
    case
        when {{ part }} = {{ whole }} then 0.0
        else {{ part_against_rest }} * (1 - {{ bare_rate(part, whole) }})
    end
{%- endmacro %}


{#- The correlation of two yes-or-no answers about the same conversations, drawn towards 0 as in Newcombe's method 10
    (1998). -#}
{% macro paired_phi(both, first, second, n) -%}
    {#- Of the four cells of the table, agreeing times agreeing less differing times differing. -#}
    {%- set ad_bc -%}
        cast({{ both }} as double precision) * {{ n }} - cast({{ first }} as double precision) * {{ second }}
    {%- endset -%}
    coalesce(
        case
            when {{ ad_bc }} > 0 then greatest({{ ad_bc }} - {{ n }} / cast(2 as double precision), 0)
            else {{ ad_bc }}
        end
        / nullif(
            sqrt(cast({{ first }} as double precision) * ({{ n }} - {{ first }}))
            * sqrt(cast({{ second }} as double precision) * ({{ n }} - {{ second }})), 0
        ),
        0
    )
{%- endmacro %}

{#- The squared distance of a bound from a * weight_a - b * weight_b, both rates of the same conversations. `a_step` and
    `b_step` are the distances of a's and b's own bounds that lie that way. Weights 1: Newcombe's paired interval. -#}
{% macro paired_distance(a_step, b_step, phi, a_weight=1, b_weight=1) -%}
    greatest(
        0.0,
        power({{ a_weight }} * ({{ a_step }}), 2) + power({{ b_weight }} * ({{ b_step }}), 2)
        - 2 * {{ phi }} * {{ a_weight }} * ({{ a_step }}) * {{ b_weight }} * ({{ b_step }})
    )
{%- endmacro %}


{#- Quadratic kappa of two ratings on one scale, from their sums over n pairs. -#}
{% macro quadratic_kappa(n, first, second, first_squared, second_squared, product) -%}
    {%- set n = 'cast(' ~ n ~ ' as double precision)' -%}
    1 - ({{ first_squared }} + {{ second_squared }} - 2 * {{ product }})
    / nullif({{ first_squared }} + {{ second_squared }} - 2 * {{ first }} * {{ second }} / nullif({{ n }}, 0), 0)
{%- endmacro %}

{#- Pearson's correlation from sums over n pairs; null where one side does not vary. -#}
{% macro correlation_of_sums(n, first, second, first_squared, second_squared, product) -%}
    {%- set n = 'cast(' ~ n ~ ' as double precision)' -%}
    ({{ n }} * {{ product }} - {{ first }} * {{ second }})
    / nullif(
        sqrt(greatest(0, {{ n }} * {{ first_squared }} - {{ first }} * {{ first }}))
        * sqrt(greatest(0, {{ n }} * {{ second_squared }} - {{ second }} * {{ second }})), 0
    )
{%- endmacro %}

{#- A bound of Fisher's 95 % interval of a correlation over n pairs, without logarithms: it holds at r = 1 and -1. Null
    under 4 pairs. -#}
{% macro correlation_low(r, n) -%} {{ _correlation_bound(r, n, '-') }} {%- endmacro %}

{% macro correlation_high(r, n) -%} {{ _correlation_bound(r, n, '') }} {%- endmacro %}

{% macro _correlation_bound(r, n, sign) -%}
    {%- set odds -%}
        (1 + {{ r }}) * exp({{ sign }}2 * {{ z_95() }} / sqrt(cast({{ n }} - 3 as double precision)))
    {%- endset -%}
    case when {{ n }} > 3 then ({{ odds }} - (1 - {{ r }})) / ({{ odds }} + (1 - {{ r }})) end
{%- endmacro %}

{#- Half the width of the 95 % interval of the mean of n differences, from their sum and sum of squares. -#}
{% macro mean_half_width(n, total, squares) -%}
    {%- set n = 'cast(' ~ n ~ ' as double precision)' -%}
    {{ z_95() }} * sqrt(greatest(0, ({{ squares }} - {{ total }} * {{ total }} / nullif({{ n }}, 0))
        / nullif({{ n }} - 1, 0) / nullif({{ n }}, 0)))
{%- endmacro %}
