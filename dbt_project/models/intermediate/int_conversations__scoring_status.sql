with conversations as (
    select * from {{ ref('int_conversations__latest') }}
),

settings as (
    select * from {{ ref('int_workspaces__settings') }}
),

week_scorers as (
    select * from {{ ref('int_scorers__weekly') }}
),

judgements as (
    select * from {{ ref('stg_scoring__judgements') }}
),

scores as (
    select * from {{ ref('int_scores__latest') }}
),

final as (
    select
        conversations.workspace_id,
        conversations.source,
        conversations.conversation_id,
        case
            when judgements.status is null then 'pending'
            -- Judged, but the champion's scorecard has not been applied yet.
            when judgements.status = 'scored' and scores.score is null then 'pending'
            else judgements.status
        end as scoring_status,
        coalesce(judgements.ineligible_rules, '') as ineligible_rules
    from conversations
    inner join settings on conversations.workspace_id = settings.workspace_id
    left join week_scorers
        on
            conversations.workspace_id = week_scorers.workspace_id
            and conversations.week_start = week_scorers.week_start
    left join judgements
        on
            {{ same_conversation('conversations', 'judgements') }}
            and conversations.version_at = judgements.version_at
            and coalesce(week_scorers.judge_version, settings.champion_judge_version) = judgements.judge_version
    left join scores
        on
            {{ same_conversation('conversations', 'scores') }}
            and scores.is_current
)

select * from final
