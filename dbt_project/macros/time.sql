{#- Times: the lake holds instants; from staging on every timestamp is naive and in UTC. -#}

{% macro utc_timestamp(instant) -%}
    {{ return(adapter.dispatch('utc_timestamp')(instant)) }}
{%- endmacro %}

{% macro default__utc_timestamp(instant) -%}
    timezone('UTC', {{ instant }})
{%- endmacro %}


{#- A naive UTC timestamp as the wall clock of a time zone shows it. -#}
{% macro in_zone(utc_time, zone) -%}
    {{ return(adapter.dispatch('in_zone')(utc_time, zone)) }}
{%- endmacro %}

{% macro default__in_zone(utc_time, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ utc_time }}))
{%- endmacro %}


{#- The Monday of the ISO week in which a local time or date falls. -#}
{% macro monday_of(local_time) -%}
    {{ return(adapter.dispatch('monday_of')(local_time)) }}
{%- endmacro %}

{% macro default__monday_of(local_time) -%}
    cast(date_trunc('week', {{ local_time }}) as date)
{%- endmacro %}


{#- The ISO week of a date, such as 2026-W45. -#}
{% macro iso_week_of(day) -%}
    {{ return(adapter.dispatch('iso_week_of')(day)) }}
{%- endmacro %}

{% macro duckdb__iso_week_of(day) -%}
    strftime({{ day }}, '%G-W%V')
{%- endmacro %}

{% macro postgres__iso_week_of(day) -%}
    to_char({{ day }}, 'IYYY"-W"IW')
{%- endmacro %}


{% macro plus_days(moment, days) -%}
    {{ return(adapter.dispatch('plus_days')(moment, days)) }}
{%- endmacro %}

{#- `days` may be a column: window lengths are data in a seed. -#}
{% macro default__plus_days(moment, days) -%}
    {{ moment }} + {{ days }} * interval '1 day'
{%- endmacro %}
