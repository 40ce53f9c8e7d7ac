{#- Trends and spikes of a rate over weeks, from sums over the weeks: n and y are counts of a week (all, and those with
    the outcome), t is its number. Weeks differ by more than chance alone lets them, so the variance is multiplied by
    Pearson's dispersion of the weeks around what is fitted, never by less than 1 (McCullagh and Nelder 1989, 4.5).
    Held against statsmodels by tests/dbt/test_statistics_of_trends.py. -#}

{#- The weeks that a trend looks back on at most, and those that it needs at least. -#}
{% macro trend_weeks() -%} 12 {%- endmacro %}
{% macro least_trend_weeks() -%} 6 {%- endmacro %}

{#- A week is a spike from so many times the share of the weeks before on; there must be that many of those. -#}
{% macro spike_factor() -%} 1.5 {%- endmacro %}
{% macro least_weeks_before() -%} 4 {%- endmacro %}


{#- The sums that the formulas below take, of the weeks in a group, as columns `trend_*`. -#}
{% macro trend_sums(y, n, t) -%}
    sum({{ t }} * cast({{ n }} as double precision)) as trend_nt,
        sum({{ t }} * {{ t }} * cast({{ n }} as double precision)) as trend_ntt,
        sum({{ t }} * cast({{ y }} as double precision)) as trend_yt,
        sum(cast({{ y }} as double precision) * {{ y }} / nullif({{ n }}, 0)) as trend_yy
{%- endmacro %}

{#- The change of the rate from one week to the next: least squares with the weeks' n as weights, which is the slope
    that the Cochran-Armitage test tests. Null where all lies in one week. -#}
{% macro trend_slope(y, n) -%}
    ((trend_yt - {{ y }} * trend_nt / {{ n }}) / nullif(trend_ntt - trend_nt * trend_nt / {{ n }}, 0))
{%- endmacro %}

{#- The variance of a single observation around one rate. -#}
{% macro spread_of(y, n) -%}
    (cast({{ y }} as double precision) / {{ n }} * (1 - cast({{ y }} as double precision) / {{ n }}))
{%- endmacro %}

{#- Pearson's dispersion of so many weeks around the fitted line; 1 where they lie closer to it than chance would. -#}
{% macro trend_dispersion(slope, y, n, weeks) -%}
    greatest(1.0, (
        trend_yy - cast({{ y }} as double precision) * {{ y }} / {{ n }}
        - {{ slope }} * (trend_yt - {{ y }} * trend_nt / {{ n }})
    ) / nullif({{ spread_of(y, n) }}, 0) / nullif({{ weeks }} - 2, 0))
{%- endmacro %}

{#- The standard error of the slope. -#}
{% macro trend_error(dispersion, y, n) -%}
    sqrt({{ dispersion }} * {{ spread_of(y, n) }} / nullif(trend_ntt - trend_nt * trend_nt / {{ n }}, 0))
{%- endmacro %}

{#- Pearson's dispersion of so many weeks around their common rate. -#}
{% macro level_dispersion(y, n, yy, weeks) -%}
    greatest(1.0, (
        {{ yy }} - cast({{ y }} as double precision) * {{ y }} / {{ n }}
    ) / nullif({{ spread_of(y, n) }}, 0) / nullif({{ weeks }} - 1, 0))
{%- endmacro %}

{#- The z statistic of one week's rate against that of the weeks before, pooled, with their dispersion. -#}
{% macro spike_z(y, n, y_before, n_before, dispersion) -%}
    (
        (cast({{ y }} as double precision) / {{ n }} - cast({{ y_before }} as double precision) / {{ n_before }})
        / nullif(sqrt(
            {{ dispersion }} * {{ spread_of('(' ~ y ~ ' + ' ~ y_before ~ ')', '(' ~ n ~ ' + ' ~ n_before ~ ')') }}
            * (1 / cast({{ n }} as double precision) + 1 / cast({{ n_before }} as double precision))
        ), 0)
    )
{%- endmacro %}
