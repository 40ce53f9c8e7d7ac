"""Lake table `score_reasons`: every proven claim with its weight and quote, strongest first.

Claims whose quote could not be found are kept here too, as `match_kind = rejected`, with weight 0 and no place in
the transcript: they are counted and audited, and never leave the calibration queue.
"""

from typing import Literal

from expectations.schemas.columns import SCORED_VERSION, evidence, number, scored_version, table, text, whole
from scoring_ops.evidence import MatchKind
from scoring_ops.rubric.dimensions import Dimension
from scoring_ops.score import ReasonSign

SCHEMA = table(
    "score_reasons",
    {
        **scored_version(),
        "reason_position": whole(),
        "claim": text(),
        "dimension": text(one_of=Dimension),
        "value": text(),
        "sign": text(one_of=ReasonSign),
        "weight": number(),
        **evidence(),
        "message_id": text(nullable=True),
        "author_type": text(nullable=True),
        "start_offset": whole(nullable=True),
        "end_offset": whole(nullable=True),
        "match_kind": text(one_of=MatchKind | Literal["rejected"]),
        "evidence_count": whole(),
    },
    key=(*SCORED_VERSION, "reason_position"),
)
