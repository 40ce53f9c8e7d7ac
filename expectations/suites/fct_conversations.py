"""What must hold of `fct_conversations`: one row per conversation, each with exactly one known status.

Coverage is explained row by row from here, so an unknown status or a rule named for a scored conversation blocks.
"""

from typing import get_args

import great_expectations as gx
import pandas as pd

from expectations.suites.parts import (
    column,
    columns_exist,
    flagged,
    grain_is_unique,
    one_of,
    present,
    week_starts_on_monday,
    weekday,
    within,
    zero,
)
from scoring_ops.conversation import AgentMix
from scoring_ops.judges.protocol import Status
from scoring_ops.score import SCORE_MAX, SCORE_MIN

KEY = ("workspace_id", "source", "conversation_id")
COLUMNS = (
    *KEY,
    "week_start",
    "scoring_status",
    "ineligible_rules",
    "agent_mix",
    "agent_mix_at_score",
    "csat_rating",
    "ai_csat_rating",
    "score",
)


def build_suite() -> gx.ExpectationSuite:
    """The expectations of the mart, over its own columns and those that `derive` adds."""
    return gx.ExpectationSuite(
        name="fct_conversations",
        expectations=[
            columns_exist(COLUMNS),
            *grain_is_unique(KEY),
            week_starts_on_monday(),
            *present("scoring_status", "agent_mix"),
            one_of("scoring_status", get_args(Status)),
            one_of("agent_mix", get_args(AgentMix)),
            one_of("agent_mix_at_score", get_args(AgentMix)),
            within("csat_rating", "rating_is_from_1_to_5", 1, 5),
            within("ai_csat_rating", "rating_is_from_1_to_5", 1, 5),
            within("score", "score_is_from_1_to_5", SCORE_MIN, SCORE_MAX),
            zero("scored_without_score", "a_scored_conversation_has_a_score", "Each scored conversation has a score."),
            zero(
                "status_without_its_rules",
                "rules_are_named_exactly_where_ineligible",
                "A conversation names the rules it fails exactly where it is ineligible.",
            ),
        ],
    )


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The mart with what relates several of its columns computed into one each."""
    status = column(frame, "scoring_status")
    names_rules = column(frame, "ineligible_rules").fillna("").ne("")
    return frame.assign(
        week_start_weekday=weekday(frame),
        scored_without_score=flagged(status.eq("scored") & column(frame, "score").isna()),
        status_without_its_rules=flagged(status.eq("ineligible") ^ names_rules),
    )
