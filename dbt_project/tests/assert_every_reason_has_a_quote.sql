-- Every reason can be shown in the transcript: its words, the message, and a span exactly as long as they are.
select
    workspace_id,
    source,
    conversation_id,
    scorer_version,
    reason_position,
    quote,
    message_id,
    start_offset,
    end_offset
from {{ ref('fct_score_reasons') }}
where
    quote is null
    or not {{ has_text('quote') }}
    or message_id is null
    or author_type is null
    or start_offset is null
    or end_offset is null
    or end_offset - start_offset <> length(quote)
