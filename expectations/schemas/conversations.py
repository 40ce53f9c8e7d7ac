"""Lake table `conversations`: one row per version of a conversation, without its messages."""

import pandera.polars as pa
import polars as pl

from expectations.schemas.columns import VERSION, flag, moment, number, table, text, version, whole
from scoring_ops.conversation import AiResolutionState, AuthorType, State

SCHEMA = table(
    "conversations",
    {
        **version(),
        "created_at": moment(nullable=True),
        "first_closed_at": moment(nullable=True),
        "last_closed_at": moment(nullable=True),
        "state": text(one_of=State),
        "channel": text(nullable=True),
        "language": text(nullable=True),
        "subject": text(nullable=True),
        "topic": text(nullable=True),
        "team": text(nullable=True),
        "tags": pa.Column(pl.List(pl.String)),
        "customer_id": text(nullable=True),
        "account_id": text(nullable=True),
        "reopen_count": whole(nullable=True),
        "is_spam": flag(),
        "is_merged": flag(),
        "is_test": flag(),
        "initiated_by": text(nullable=True, one_of=AuthorType),
        "ai_agent_participated": flag(nullable=True),
        "ai_resolution_state": text(nullable=True, one_of=AiResolutionState),
        "ai_resolution_rescinded_at": moment(nullable=True),
        "csat_requested_at": moment(nullable=True),
        "csat_rating": whole(nullable=True, at_least=1, at_most=5),
        "csat_rated_at": moment(nullable=True),
        "csat_scale": text(nullable=True),
        "csat_remark": text(nullable=True),
        "ai_csat_rating": whole(nullable=True, at_least=1, at_most=5),
        "vendor_cx_score": number(nullable=True),
        "transcript_hash": pa.Column(pl.String, [pa.Check.str_length(64, 64)]),
        "source_metadata": text(nullable=True),
        "observed_at": moment(),
        "extraction_run_id": text(),
    },
    key=VERSION,
)
