with conversations as (
    select * from {{ ref('fct_conversations') }}
    where is_in_population
),

response_times as (
    select * from {{ ref('int_conversations__response_times') }}
),

reopens as (
    select * from {{ ref('int_conversations__reopens') }}
),

claims as (
    select * from {{ ref('int_conversations__claims') }}
),

timed as (
    select
        conversations.workspace_id,
        conversations.week_start,
        reopens.is_reopened,
        response_times.is_agent_started,
        response_times.first_customer_at,
        response_times.first_response_minutes,
        response_times.first_human_response_minutes,
        response_times.first_response_business_minutes,
        response_times.first_human_response_business_minutes
    from conversations
    left join reopens on {{ same_conversation('conversations', 'reopens') }}
    left join response_times on {{ same_conversation('conversations', 'response_times') }}
),

waited as (
    select
        workspace_id,
        week_start,
        count(*) filter (where is_reopened) as reopened,
        count(*) filter (where is_agent_started) as agent_started,
        count(*) filter (where first_customer_at is not null) as customer_started,
        count(first_response_minutes) as first_responses,
        count(first_human_response_minutes) as first_human_responses,
        {{ median_and_p90('first_response_minutes') }},
        {{ median_and_p90('first_response_business_minutes') }},
        {{ median_and_p90('first_human_response_minutes') }},
        {{ median_and_p90('first_human_response_business_minutes') }}
    from timed
    group by workspace_id, week_start
),

claimed as (
    select
        workspace_id,
        week_start,
        count(*) filter (where has_effort) as with_effort,
        count(*) filter (where has_negative_emotion) as with_negative_emotion,
        count(*) filter (where has_positive_emotion) as with_positive_emotion,
        count(*) filter (where has_fault) as with_fault,
        cast(sum(issues) as bigint) as issues,
        cast(sum(issues_resolved) as bigint) as issues_resolved,
        count(*) filter (where issues > 0) as with_issues,
        count(*) filter (where issues > 0 and issues_resolved = issues) as with_all_issues_resolved
    from claims
    group by workspace_id, week_start
),

final as (
    select
        waited.*,
        coalesce(claimed.with_effort, 0) as with_effort,
        coalesce(claimed.with_negative_emotion, 0) as with_negative_emotion,
        coalesce(claimed.with_positive_emotion, 0) as with_positive_emotion,
        coalesce(claimed.with_fault, 0) as with_fault,
        coalesce(claimed.issues, 0) as issues,
        coalesce(claimed.issues_resolved, 0) as issues_resolved,
        coalesce(claimed.with_issues, 0) as with_issues,
        coalesce(claimed.with_all_issues_resolved, 0) as with_all_issues_resolved
    from waited
    left join claimed
        on
            waited.workspace_id = claimed.workspace_id
            and waited.week_start = claimed.week_start
)

select * from final
