{#- Rates with their intervals: the one home of the Wilson and Newcombe formulas and of the limits for small numbers.
    Check values of both are held by tests/assert_wilson_*.sql and tests/assert_newcombe_*.sql. -#}

{% macro z_95() -%} 1.959963984540054 {%- endmacro %}

{#- Below it only counts are shown. -#}
{% macro minimum_n() -%} 10 {%- endmacro %}

{#- Below it a rate is flagged, ranks nothing and alerts nobody; a test needs as many in each arm. -#}
{% macro ample_n() -%} 30 {%- endmacro %}


{% macro wilson_low(successes, n) -%}
    {{ _wilson_bound(successes, n, '-') }}
{%- endmacro %}

{% macro wilson_high(successes, n) -%}
    {{ _wilson_bound(successes, n, '+') }}
{%- endmacro %}

{% macro _wilson_bound(successes, n, sign) -%}
    {%- set z = z_95() | trim -%}
    {%- set s = 'cast(' ~ successes ~ ' as double precision)' -%}
    case
        when {{ n }} > 0 then greatest(0, least(1, (
            {{ s }} + {{ z }} * {{ z }} / 2
            {{ sign }} {{ z }} * sqrt({{ s }} * ({{ n }} - {{ s }}) / {{ n }} + {{ z }} * {{ z }} / 4)
        ) / ({{ n }} + {{ z }} * {{ z }})))
    end
{%- endmacro %}


{#- A rate, or null where its denominator is too small to show one. -#}
{% macro rate(successes, n) -%}
    case when {{ n }} >= {{ minimum_n() }} then cast({{ successes }} as double precision) / {{ n }} end
{%- endmacro %}

{#- A value that is shown only where it rests on enough observations. -#}
{% macro shown(expression, n) -%}
    case when {{ n }} >= {{ minimum_n() }} then {{ expression }} end
{%- endmacro %}

{% macro low_n(n) -%}
    {{ n }} >= {{ minimum_n() }} and {{ n }} < {{ ample_n() }}
{%- endmacro %}

{#- Three columns: <name>, <name>_low, <name>_high. -#}
{% macro rate_columns(name, successes, n) -%}
    {{ rate(successes, n) }} as {{ name }},
    {{ shown(wilson_low(successes, n), n) }} as {{ name }}_low,
    {{ shown(wilson_high(successes, n), n) }} as {{ name }}_high
{%- endmacro %}


{#- Newcombe's interval (method 10) for the difference a - b of two independent rates, from their Wilson intervals. -#}
{% macro newcombe_low(a, a_low, b, b_high) -%}
    {{ a }} - {{ b }} - sqrt(power({{ a }} - {{ a_low }}, 2) + power({{ b_high }} - {{ b }}, 2))
{%- endmacro %}

{% macro newcombe_high(a, a_high, b, b_low) -%}
    {{ a }} - {{ b }} + sqrt(power({{ a_high }} - {{ a }}, 2) + power({{ b }} - {{ b_low }}, 2))
{%- endmacro %}
