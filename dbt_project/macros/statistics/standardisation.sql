{#- Means that are made of groups: what moved them (Kitagawa), and what they would be at another mix of the groups. -#}

{#- Kitagawa's split of the difference of two weighted means, one term per group; the sum over the groups of both parts
    is the whole difference. `share` is the group's share of its side (0 where it has none), `rate` its mean (null where
    it has none). A group that one side lacks has moved the mix and nothing else: its rate there is taken to be the
    other's. -#}
{% macro kitagawa_rate_part(rate, share, base_rate, base_share) -%}
    (coalesce({{ rate }}, {{ base_rate }}) - coalesce({{ base_rate }}, {{ rate }}))
    * (coalesce({{ share }}, 0) + coalesce({{ base_share }}, 0)) / 2
{%- endmacro %}

{% macro kitagawa_mix_part(rate, share, base_rate, base_share) -%}
    (coalesce({{ share }}, 0) - coalesce({{ base_share }}, 0))
    * (coalesce({{ rate }}, {{ base_rate }}) + coalesce({{ base_rate }}, {{ rate }})) / 2
{%- endmacro %}


{#- Aggregates over strata: the rate at the common mix that `weight` gives (any positive numbers). The bounds carry each
    stratum's Wilson interval along (MOVER, Zou 2009), so every stratum must be large enough to show a rate: leave
    out the others and publish the share of the weight that is left. -#}
{% macro directly_standardised(rate, weight) -%}
    sum({{ rate }} * {{ weight }}) / nullif(cast(sum({{ weight }}) as double precision), 0)
{%- endmacro %}

{% macro directly_standardised_low(rate, rate_low, weight) -%}
    {{ directly_standardised(rate, weight) }} - {{ _carried(rate ~ ' - ' ~ rate_low, weight) }}
{%- endmacro %}

{% macro directly_standardised_high(rate, rate_high, weight) -%}
    {{ directly_standardised(rate, weight) }} + {{ _carried(rate_high ~ ' - ' ~ rate, weight) }}
{%- endmacro %}

{% macro _carried(distance, weight) -%}
    sqrt(sum(power({{ weight }} * ({{ distance }}), 2))) / nullif(cast(sum({{ weight }}) as double precision), 0)
{%- endmacro %}
