{#- The normal distribution: no engine that the models build on has `erf`. Hart's rational approximation (1968, no.
    5666) as West published it (2005): the absolute error stays under 1e-15 for every x, and the upper tail is right to
    2e-7 of itself down to 1e-290. Past 37 the tail is 0: PostgreSQL fails where exp() underflows.
    Held against scipy by tests/dbt/test_statistics.py. -#}

{% macro normal_cdf(x) -%}
    case when {{ x }} < 0 then {{ normal_tail('-(' ~ x ~ ')') }} else 1 - {{ normal_tail(x) }} end
{%- endmacro %}

{#- The share above x, for x from 0 on; a p-value made of it keeps its digits where 1 - cdf would lose them. -#}
{% macro normal_tail(x) -%}
    {%- set x = 'cast(' ~ x ~ ' as double precision)' -%}
    case
        when {{ x }} > 37 then 0.0
        when {{ x }} < 7.07106781186547
            then exp(-{{ x }} * {{ x }} / 2)
                * {{ _polynomial(x, [
                    '3.52624965998911e-02', '0.700383064443688', '6.37396220353165', '33.912866078383',
                    '112.079291497871', '221.213596169931', '220.206867912376',
                ]) }}
                / {{ _polynomial(x, [
                    '8.83883476483184e-02', '1.75566716318264', '16.064177579207', '86.7807322029461',
                    '296.564248779674', '637.333633378831', '793.826512519948', '440.413735824752',
                ]) }}
        when {{ x }} >= 7.07106781186547
            then exp(-{{ x }} * {{ x }} / 2) / 2.506628274631
                / ({{ x }} + 1 / ({{ x }} + 2 / ({{ x }} + 3 / ({{ x }} + 4 / ({{ x }} + 0.65)))))
    end
{%- endmacro %}

{#- Horner's scheme; the highest power comes first. -#}
{% macro _polynomial(x, coefficients) -%}
    {{ '(' * (coefficients | length - 1) }}{{ coefficients[0] }}
    {%- for c in coefficients[1:] %} * {{ x }} + {{ c }}){% endfor %}
{%- endmacro %}

{#- The two-sided p-value of a z statistic. -#}
{% macro two_sided_p(z) -%}
    least(1.0, 2 * {{ normal_tail('abs(' ~ z ~ ')') }})
{%- endmacro %}
