{#- What a change between two weeks is worth: too_small to test, noise where its interval holds zero, else real; null
    where there is nothing to compare. `relation` has the difference, its bounds and `is_too_small`. -#}
{% macro change_label(relation, diff) -%}
    case
        when {{ relation }}.is_too_small then 'too_small'
        when {{ relation }}.{{ diff }}_low > 0 or {{ relation }}.{{ diff }}_high < 0 then 'real'
        when {{ relation }}.{{ diff }} is not null then 'noise'
    end
{%- endmacro %}


{#- What this model has said of each week, the last first; nothing at its first build. `ended` has the same columns but
    for the revision. -#}
{% macro said_before(ended) -%}
    {%- if is_incremental() -%}
    select
        workspace_id,
        week_start,
        revision,
        scorer_version,
        scored,
        positive,
        row_number() over (partition by workspace_id, week_start order by revision desc) as recency
    from {{ this }}
    {%- else -%}
    select
        workspace_id,
        week_start,
        cast(0 as bigint) as revision,
        scorer_version,
        scored,
        positive,
        0 as recency
    from {{ ended }}
    where false
    {%- endif %}
{%- endmacro %}
