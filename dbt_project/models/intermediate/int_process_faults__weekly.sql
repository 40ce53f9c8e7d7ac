with conversations as (
    select
        workspace_id,
        source,
        conversation_id,
        week_start,
        coalesce(topic, 'unknown') as topic,
        scorer_version
    from {{ ref('fct_conversations') }}
    where is_scored
),

reasons as (
    select * from {{ ref('fct_score_reasons') }}
    where is_current and dimension = 'process_fault'
),

faults as (
    {% for fault in fault_kinds() %}
        select '{{ fault }}' as fault
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

topics as (
    select
        workspace_id,
        week_start,
        topic,
        count(*) as scored,
        max(scorer_version) as scorer_version
    from conversations
    group by workspace_id, week_start, topic
),

-- A fault that was proven at several places of a conversation is one.
proven as (
    select distinct
        workspace_id,
        source,
        conversation_id,
        value as fault
    from reasons
),

counted as (
    select
        conversations.workspace_id,
        conversations.week_start,
        conversations.topic,
        proven.fault,
        count(*) as faulty
    from conversations
    inner join proven on {{ same_conversation('conversations', 'proven') }}
    group by conversations.workspace_id, conversations.week_start, conversations.topic, proven.fault
),

final as (
    select
        topics.workspace_id,
        topics.week_start,
        faults.fault,
        topics.topic,
        topics.scorer_version,
        topics.scored,
        coalesce(counted.faulty, 0) as faulty
    from topics
    cross join faults
    left join counted
        on
            topics.workspace_id = counted.workspace_id
            and topics.week_start = counted.week_start
            and topics.topic = counted.topic
            and faults.fault = counted.fault
)

select * from final
