with responses as (
    select * from {{ ref('int_conversations__first_responses') }}
),

calendars as (
    select * from {{ ref('int_workspaces__calendars') }}
),

days as (
    select * from {{ ref('int_business__days') }}
),

dated as (
    select
        responses.*,
        cast({{ in_zone('responses.first_customer_at', 'calendars.timezone') }} as date) as customer_day,
        cast({{ in_zone('responses.first_reply_at', 'calendars.timezone') }} as date) as reply_day,
        cast({{ in_zone('responses.first_human_reply_at', 'calendars.timezone') }} as date) as human_reply_day
    from responses
    inner join calendars on responses.workspace_id = calendars.workspace_id
),

final as (
    select
        dated.workspace_id,
        dated.source,
        dated.conversation_id,
        dated.is_agent_started,
        dated.first_customer_at,
        {{ seconds_between('dated.first_customer_at', 'dated.first_reply_at') }} / 60 as first_response_minutes,
        {{ seconds_between('dated.first_customer_at', 'dated.first_human_reply_at') }} / 60
            as first_human_response_minutes,
        (
            {{ seconds_at_work('reply_days', 'dated.first_reply_at') }}
            - ({{ seconds_at_work('customer_days', 'dated.first_customer_at') }})
        ) / 60 as first_response_business_minutes,
        (
            {{ seconds_at_work('human_reply_days', 'dated.first_human_reply_at') }}
            - ({{ seconds_at_work('customer_days', 'dated.first_customer_at') }})
        ) / 60 as first_human_response_business_minutes
    from dated
    left join days as customer_days
        on
            dated.workspace_id = customer_days.workspace_id
            and dated.customer_day = customer_days.calendar_day
    left join days as reply_days
        on
            dated.workspace_id = reply_days.workspace_id
            and dated.reply_day = reply_days.calendar_day
    left join days as human_reply_days
        on
            dated.workspace_id = human_reply_days.workspace_id
            and dated.human_reply_day = human_reply_days.calendar_day
)

select * from final
