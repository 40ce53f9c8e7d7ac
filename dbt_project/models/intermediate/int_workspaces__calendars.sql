with settings as (
    select * from {{ ref('int_workspaces__settings') }}
),

hours as (
    select distinct workspace_id from {{ ref('business_hours') }}
),

timezones as (
    select * from {{ ref('business_timezones') }}
),

final as (
    select
        settings.workspace_id,
        coalesce(own.timezone, every_other.timezone, settings.timezone) as timezone,
        coalesce(hours.workspace_id, '*') as hours_of
    from settings
    left join timezones as own on settings.workspace_id = own.workspace_id
    left join timezones as every_other on every_other.workspace_id = '*'
    left join hours on settings.workspace_id = hours.workspace_id
)

select * from final
