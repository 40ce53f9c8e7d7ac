{#- What a change between two weeks is worth: too_small to test, noise where its interval holds zero, else real; null
    where there is nothing to compare. `relation` has the difference, its bounds and `is_too_small`. -#}
{% macro change_label(relation, diff) -%}
    case
        when {{ relation }}.is_too_small then 'too_small'
        when {{ relation }}.{{ diff }}_low > 0 or {{ relation }}.{{ diff }}_high < 0 then 'real'
        when {{ relation }}.{{ diff }} is not null then 'noise'
    end
{%- endmacro %}
