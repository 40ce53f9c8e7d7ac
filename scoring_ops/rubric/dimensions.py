"""The eleven dimensions of the rubric, their version, and the plain-English rule of each.

One Markdown file per dimension stands beside this module; they are what the LLM is given and what a reviewer
signs. A change of any rule is a new RUBRIC_VERSION (tests hold a digest of the rules against it).
"""

from functools import cache
from importlib.resources import files
from typing import Literal, get_args

RUBRIC_VERSION = "1"

Dimension = Literal[
    "resolution",
    "sentiment",
    "service_quality",
    "answer_quality_ai",
    "answer_quality_human",
    "customer_effort",
    "strong_emotion",
    "product_feedback",
    "policy_feedback",
    "process_fault",
    "risk",
]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)


@cache
def rule(dimension: Dimension) -> str:
    """The rule of a dimension, as Markdown, read from its file beside this module."""
    return (files("scoring_ops.rubric") / f"{dimension}.md").read_text(encoding="utf-8").strip()
