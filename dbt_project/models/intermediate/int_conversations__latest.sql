with versions as (
    select * from {{ ref('stg_helpdesk__conversations') }}
),

settings as (
    select * from {{ ref('int_workspaces__settings') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by workspace_id, source, conversation_id
            order by version_at desc
        ) as recency,
        -- The cohort is the first close: no later version moves it, whether it reports a later close or none.
        min(first_closed_at) over (
            partition by workspace_id, source, conversation_id
        ) as earliest_first_closed_at
    from versions
),

final as (
    select
        ranked.workspace_id,
        ranked.source,
        ranked.conversation_id,
        ranked.version_at,
        ranked.created_at,
        ranked.earliest_first_closed_at as first_closed_at,
        ranked.last_closed_at,
        ranked.state,
        ranked.channel,
        ranked.language,
        ranked.subject,
        ranked.topic,
        ranked.team,
        ranked.tags,
        ranked.customer_id,
        ranked.account_id,
        ranked.reopen_count,
        ranked.is_spam,
        ranked.is_merged,
        ranked.is_test,
        ranked.initiated_by,
        ranked.ai_agent_participated,
        ranked.ai_resolution_state,
        ranked.ai_resolution_rescinded_at,
        ranked.csat_requested_at,
        ranked.csat_rating,
        ranked.csat_rated_at,
        ranked.csat_scale,
        ranked.ai_csat_rating,
        ranked.vendor_cx_score,
        ranked.transcript_hash,
        ranked.observed_at,
        settings.timezone,
        {{ monday_of(in_zone('ranked.earliest_first_closed_at', 'settings.timezone')) }} as week_start
    from ranked
    inner join settings on ranked.workspace_id = settings.workspace_id
    where ranked.recency = 1
)

select * from final
