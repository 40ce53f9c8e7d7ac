{#- Periods that a mart reports on beside the single week. -#}

{#- Weeks of the longer period: enough ratings for an interval, short enough to be about today. -#}
{% macro trailing_weeks() -%} 4 {%- endmacro %}

{#- The name of a period of so many weeks. -#}
{% macro period_name(weeks) -%} {{ 'week' if weeks == 1 else 'trailing_' ~ weeks ~ '_weeks' }} {%- endmacro %}

{#- Weeks before a week that say what is usual: long enough for rare events, short enough to follow a season. -#}
{% macro baseline_weeks() -%} 8 {%- endmacro %}

{#- Weeks from which on the spread over weeks is shown. -#}
{% macro minimum_weeks() -%} 12 {%- endmacro %}
