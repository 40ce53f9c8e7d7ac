{#- The conversations of each week, counted by one of their columns; a select from the CTE `conversations`. -#}
{% macro counted_by(kind) -%}
    select
        workspace_id,
        week_start,
        '{{ kind }}' as segment_kind,
        coalesce({{ kind }}, 'unknown') as segment,
        count(*) as conversations,
        count(*) filter (where is_eligible) as eligible,
        count(*) filter (where is_scored) as scored,
        count(*) filter (where is_scored and score >= {{ positive_from() }}) as positive,
        count(*) filter (where is_scored and score > {{ negative_to() }} and score < {{ positive_from() }}) as neutral,
        count(*) filter (where is_scored and score <= {{ negative_to() }}) as negative,
        avg(cast(score as double precision)) filter (where is_scored) as mean_score,
        max(scorer_version) filter (where is_scored) as scorer_version,
        count(*) filter (where is_csat_requested) as csat_requested,
        count(*) filter (where is_csat_rated) as csat_rated,
        count(*) filter (where is_csat_positive) as csat_positive
    from conversations
    group by workspace_id, week_start, coalesce({{ kind }}, 'unknown')
{%- endmacro %}
