-- Over all topics, each fault has as many conversations as were proven to have it: none lost, none counted twice.
with reasons as (
    select * from {{ ref('fct_score_reasons') }}
    where is_current and dimension = 'process_fault'
),

conversations as (
    select * from {{ ref('fct_conversations') }}
    where is_scored
),

proven as (
    select distinct
        conversations.workspace_id,
        conversations.week_start,
        reasons.value as fault,
        conversations.source,
        conversations.conversation_id
    from conversations
    inner join reasons on {{ same_conversation('conversations', 'reasons') }}
),

expected as (
    select
        workspace_id,
        week_start,
        fault,
        count(*) as faulty
    from proven
    group by workspace_id, week_start, fault
),

found as (
    select
        workspace_id,
        week_start,
        fault,
        sum(faulty) as faulty
    from {{ ref('rpt_process_faults_weekly') }}
    group by workspace_id, week_start, fault
)

select
    coalesce(expected.workspace_id, found.workspace_id) as workspace_id,
    coalesce(expected.week_start, found.week_start) as week_start,
    coalesce(expected.fault, found.fault) as fault,
    expected.faulty,
    found.faulty as faulty_of_topics
from expected
full outer join found
    on
        expected.workspace_id = found.workspace_id
        and expected.week_start = found.week_start
        and expected.fault = found.fault
where coalesce(expected.faulty, 0) <> coalesce(found.faulty, 0)
