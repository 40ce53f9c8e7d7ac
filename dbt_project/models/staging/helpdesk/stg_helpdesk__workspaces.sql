with lake as (
    select * from {{ source('lake', 'workspaces') }}
),

typed as (
    select
        workspace_id,
        timezone,
        champion_scorer_version
    from lake
)

select * from typed
