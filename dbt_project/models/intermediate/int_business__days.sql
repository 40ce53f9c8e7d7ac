with calendars as (
    select * from {{ ref('int_workspaces__calendars') }}
),

responses as (
    select * from {{ ref('int_conversations__first_responses') }}
    where first_reply_at is not null
),

hours as (
    select
        *,
        row_number() over (partition by workspace_id, weekday order by opens) as nth
    from {{ ref('business_hours') }}
),

holidays as (
    select * from {{ ref('business_holidays') }}
),

digits as (
    select digit.* from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as digit (n)
),

numbers as (
    select ones.n + 10 * tens.n + 100 * hundreds.n + 1000 * thousands.n as n
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
),

answered as (
    select
        workspace_id,
        min(first_customer_at) as earliest,
        max(greatest(first_reply_at, first_human_reply_at)) as latest
    from responses
    group by workspace_id
),

-- A day more on either side: where clocks go back at midnight, a later instant may lie on an earlier day.
spans as (
    select
        calendars.workspace_id,
        calendars.timezone,
        calendars.hours_of,
        cast({{ plus_days(in_zone('answered.earliest', 'calendars.timezone'), -1) }} as date) as first_day,
        cast({{ plus_days(in_zone('answered.latest', 'calendars.timezone'), 1) }} as date) as last_day
    from answered
    inner join calendars on answered.workspace_id = calendars.workspace_id
),

-- Counted back from the last day: one message with an absurd date must not move the calendar away from all others.
days as (
    select
        spans.workspace_id,
        spans.timezone,
        spans.hours_of,
        cast({{ plus_days('spans.last_day', '(-numbers.n)') }} as date) as calendar_day
    from spans
    inner join numbers on cast({{ plus_days('spans.last_day', '(-numbers.n)') }} as date) >= spans.first_day
),

open_days as (
    select
        days.*,
        {{ iso_weekday('days.calendar_day') }} as weekday
    from days
    where not exists (
        select 1
        from holidays
        where
            holidays.day = days.calendar_day
            and holidays.workspace_id in (days.workspace_id, '*')
    )
),

spells as (
    select
        open_days.workspace_id,
        open_days.calendar_day,
        hours.nth,
        {{ clock_on('open_days.calendar_day', 'hours.opens', 'open_days.timezone') }} as opens_at,
        {{ clock_on('open_days.calendar_day', 'hours.closes', 'open_days.timezone') }} as closes_at
    from open_days
    inner join hours
        on
            open_days.hours_of = hours.workspace_id
            and open_days.weekday = hours.weekday
),

timed as (
    select
        days.workspace_id,
        days.timezone,
        days.calendar_day,
        first_spell.opens_at as first_opens_at,
        first_spell.closes_at as first_closes_at,
        second_spell.opens_at as second_opens_at,
        second_spell.closes_at as second_closes_at,
        coalesce({{ seconds_between('first_spell.opens_at', 'first_spell.closes_at') }}, 0)
        + coalesce({{ seconds_between('second_spell.opens_at', 'second_spell.closes_at') }}, 0) as seconds
    from days
    left join spells as first_spell
        on
            days.workspace_id = first_spell.workspace_id
            and days.calendar_day = first_spell.calendar_day
            and first_spell.nth = 1
    left join spells as second_spell
        on
            days.workspace_id = second_spell.workspace_id
            and days.calendar_day = second_spell.calendar_day
            and second_spell.nth = 2
),

final as (
    select
        *,
        sum(seconds) over (
            partition by workspace_id
            order by calendar_day
            rows between unbounded preceding and current row
        ) - seconds as seconds_before
    from timed
)

select * from final
