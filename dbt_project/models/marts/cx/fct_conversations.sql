with conversations as (
    select * from {{ ref('int_conversations__latest') }}
),

agent_mix as (
    select * from {{ ref('int_conversations__agent_mix') }}
),

csat as (
    select * from {{ ref('int_conversations__csat') }}
),

ai_resolution as (
    select * from {{ ref('int_conversations__ai_resolution') }}
),

scoring_status as (
    select * from {{ ref('int_conversations__scoring_status') }}
),

champion_scores as (
    select * from {{ ref('int_scores__latest') }}
    where is_champion
),

placed as (
    select
        conversations.*,
        agent_mix.agent_mix,
        agent_mix.customer_messages,
        agent_mix.human_agent_messages,
        agent_mix.ai_agent_messages,
        case
            when conversations.first_closed_at is null then 'not_closed'
            when conversations.is_merged then 'merged'
            when conversations.is_test then 'test'
            when conversations.is_spam then 'spam'
            when conversations.initiated_by <> 'customer' and agent_mix.customer_messages = 0
                then 'outbound_without_customer_reply'
        end as population_exclusion
    from conversations
    inner join agent_mix on {{ same_conversation('conversations', 'agent_mix') }}
)

select
    ---------- identity
    placed.workspace_id,
    placed.source,
    placed.conversation_id,
    placed.version_at,
    placed.customer_id,
    placed.account_id,

    ---------- cohort
    placed.week_start,
    placed.timezone,
    placed.created_at,
    placed.first_closed_at,
    placed.last_closed_at,
    placed.population_exclusion,
    placed.population_exclusion is null as is_in_population,

    ---------- what it was
    placed.state,
    placed.channel,
    placed.language,
    placed.subject,
    placed.topic,
    placed.team,
    placed.tags,
    placed.initiated_by,
    placed.reopen_count,
    placed.is_spam,
    placed.is_merged,
    placed.is_test,

    ---------- who served
    placed.agent_mix,
    champion_scores.agent_mix_at_score,
    placed.customer_messages,
    placed.human_agent_messages,
    placed.ai_agent_messages,
    placed.ai_agent_participated,
    placed.ai_resolution_state,
    placed.ai_resolution_rescinded_at,
    ai_resolution.is_ai_resolved_as_first_reported,
    ai_resolution.is_ai_resolved_as_of_now,

    ---------- surveys
    placed.csat_requested_at,
    placed.csat_rating,
    placed.csat_rated_at,
    placed.csat_scale,
    csat.csat_rating_counted,
    csat.is_csat_requested,
    csat.is_csat_rated,
    csat.is_csat_positive,
    placed.ai_csat_rating,
    placed.vendor_cx_score,

    ---------- scoring
    scoring_status.scoring_status,
    scoring_status.ineligible_rules,
    placed.population_exclusion is null and scoring_status.scoring_status <> 'ineligible' as is_eligible,
    placed.population_exclusion is null and scoring_status.scoring_status = 'scored' as is_scored,
    case when champion_scores.is_current then champion_scores.score end as score,
    case when champion_scores.is_current then champion_scores.scorer_version end as scorer_version,
    case when champion_scores.is_current then champion_scores.is_validated end as is_validated
from placed
inner join csat on {{ same_conversation('placed', 'csat') }}
inner join ai_resolution on {{ same_conversation('placed', 'ai_resolution') }}
inner join scoring_status on {{ same_conversation('placed', 'scoring_status') }}
left join champion_scores on {{ same_conversation('placed', 'champion_scores') }}
