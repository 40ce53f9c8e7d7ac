select
    workspace_id,
    source,
    conversation_id,
    scorer_version,
    raw_score,
    score
from {{ ref('fct_conversation_scores') }}
where
    score <> greatest(1, least(5, case
        when raw_score > 3 then ceil(raw_score - 0.5)
        else floor(raw_score + 0.5)
    end))
