{#- Hours at work: from the local clock of a seed to instants in UTC, and how many seconds of them have passed. -#}

{#- A wall clock time of a zone as naive UTC. -#}
{% macro from_zone(local_time, zone) -%}
    {{ return(adapter.dispatch('from_zone')(local_time, zone)) }}
{%- endmacro %}

{% macro default__from_zone(local_time, zone) -%}
    timezone('UTC', timezone({{ zone }}, {{ local_time }}))
{%- endmacro %}

{% macro spark__from_zone(local_time, zone) -%}
    to_utc_timestamp({{ local_time }}, {{ zone }})
{%- endmacro %}


{#- 1 for Monday to 7 for Sunday. -#}
{% macro iso_weekday(day) -%}
    {{ return(adapter.dispatch('iso_weekday')(day)) }}
{%- endmacro %}

{% macro default__iso_weekday(day) -%}
    cast(extract(isodow from {{ day }}) as integer)
{%- endmacro %}

{% macro spark__iso_weekday(day) -%}
    weekday({{ day }}) + 1
{%- endmacro %}


{% macro plus_minutes(moment, minutes) -%}
    {{ return(adapter.dispatch('plus_minutes')(moment, minutes)) }}
{%- endmacro %}

{% macro default__plus_minutes(moment, minutes) -%}
    {{ moment }} + {{ minutes }} * interval '1 minute'
{%- endmacro %}


{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('seconds_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    cast(extract(epoch from ({{ later }} - {{ earlier }})) as double precision)
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
    (cast({{ later }} as double) - cast({{ earlier }} as double))
{%- endmacro %}


{#- A clock time such as 09:30 on a local day, as naive UTC: on a day of a change, as clocks then stand. -#}
{% macro clock_on(day, clock, zone) -%}
    {%- set minutes = 'cast(left(' ~ clock ~ ', 2) as integer) * 60 + cast(right(' ~ clock ~ ', 2) as integer)' -%}
    {{ from_zone(plus_minutes('cast(' ~ day ~ ' as timestamp)', '(' ~ minutes ~ ')'), zone) }}
{%- endmacro %}


{#- Seconds at work from the calendar's beginning to an instant of one of its days, a row of int_business__days. -#}
{% macro seconds_at_work(days, moment) -%}
    {{ days }}.seconds_before
    + {{ _seconds_of_spell(days ~ '.first_opens_at', days ~ '.first_closes_at', moment) }}
    + {{ _seconds_of_spell(days ~ '.second_opens_at', days ~ '.second_closes_at', moment) }}
{%- endmacro %}

{% macro _seconds_of_spell(opens_at, closes_at, moment) -%}
    coalesce(
        greatest(0, least({{ seconds_between(opens_at, moment) }}, {{ seconds_between(opens_at, closes_at) }})), 0
    )
{%- endmacro %}


{#- Two aggregates over what is not null: <name>_median and <name>_p90, between the two nearest values. -#}
{% macro median_and_p90(name) -%}
    percentile_cont(0.5) within group (order by {{ name }}) as {{ name }}_median,
    percentile_cont(0.9) within group (order by {{ name }}) as {{ name }}_p90
{%- endmacro %}
