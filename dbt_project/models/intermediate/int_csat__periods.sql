with weeks as (
    select distinct
        workspace_id,
        week_start
    from {{ ref('int_conversations__weekly') }}
),

final as (
    {% for length in [1, trailing_weeks() | int] -%}
        select
            ends.workspace_id,
            '{{ period_name(length) | trim }}' as period,
            ends.week_start,
            members.week_start as member_week_start
        from weeks as ends
        inner join weeks as members
            on
                ends.workspace_id = members.workspace_id
                and ends.week_start >= members.week_start
                and cast({{ plus_days('members.week_start', 7 * length) }} as date) > ends.week_start
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from final
