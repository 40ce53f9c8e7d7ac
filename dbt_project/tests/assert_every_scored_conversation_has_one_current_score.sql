-- The status says scored exactly where one score is current; else a rate and its rows would disagree.
with conversations as (
    select * from {{ ref('fct_conversations') }}
),

current_scores as (
    select * from {{ ref('fct_conversation_scores') }}
    where is_current
)

select
    conversations.workspace_id,
    conversations.source,
    conversations.conversation_id,
    conversations.scoring_status,
    count(current_scores.score) as current_scores
from conversations
left join current_scores on {{ same_conversation('conversations', 'current_scores') }}
group by
    conversations.workspace_id,
    conversations.source,
    conversations.conversation_id,
    conversations.scoring_status
having count(current_scores.score) <> case when conversations.scoring_status = 'scored' then 1 else 0 end
