"""Rules that a lake table keeps across its columns, as polars expressions that are true where a row breaks one.

What a single column must hold is in `schemas/`; what only several tables together can show is a dbt test. These
rules are what the marts lean on without looking again: a quote is what its offsets say, a score is its raw score.
"""

from typing import TYPE_CHECKING, NamedTuple, get_args
from zoneinfo import available_timezones

import polars as pl

from scoring_ops.claims import FeedbackKind
from scoring_ops.score import SCORE_MAX, SCORE_MIN, SCORE_NEUTRAL

if TYPE_CHECKING:
    from expectations.schemas.tables import LakeTable


class Rule(NamedTuple):
    """One rule: `broken` is true for rows that break it; null counts as kept, as in a database."""

    name: str
    column: str
    broken: pl.Expr


def rules_of(table: "LakeTable") -> tuple[Rule, ...]:
    """The rules of a lake table, none where its columns say all there is to say."""
    builders = {
        "conversations": _conversations,
        "workspaces": _workspaces,
        "judgements": _judgements,
        "conversation_scores": _conversation_scores,
        "dimension_scores": _dimension_scores,
        "score_reasons": _score_reasons,
        "issues": _proven_quote,
        "feedback_items": _feedback_items,
        "llm_calls": _llm_calls,
        "ledger": _ledger,
    }
    build = builders.get(table)
    return () if build is None else build()


def _col(name: str) -> pl.Expr:
    return pl.col(name)


def _iff(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Broken where one of two conditions holds without the other."""
    return left != right


def _conversations() -> tuple[Rule, ...]:
    return (
        Rule("last_close_is_not_before_the_first", "last_closed_at", _col("last_closed_at") < _col("first_closed_at")),
        Rule(
            "a_last_close_has_a_first",
            "first_closed_at",
            _col("first_closed_at").is_null() & _col("last_closed_at").is_not_null(),
        ),
    )


def _workspaces() -> tuple[Rule, ...]:
    known = sorted(available_timezones())
    return (Rule("timezone_is_known", "timezone", ~_col("timezone").is_in(known)),)


def _judgements() -> tuple[Rule, ...]:
    scored = _col("status") == "scored"
    return (
        Rule("claims_exist_exactly_where_scored", "claims_json", _iff(scored, _col("claims_json").is_not_null())),
        Rule("a_scored_version_names_its_cache_key", "cache_key", scored & _col("cache_key").is_null()),
        Rule("a_scored_version_counts_its_windows", "windows", scored & _col("windows").is_null()),
        Rule(
            "rules_are_named_exactly_where_ineligible",
            "ineligible_rules",
            _iff(_col("status") == "ineligible", _col("ineligible_rules") != ""),
        ),
    )


def _conversation_scores() -> tuple[Rule, ...]:
    nothing_proven = _col("claims_proven") == 0
    return (
        Rule("score_is_the_rounded_raw_score", "score", _col("score") != rounded(_col("raw_score"))),
        Rule("proven_claims_are_among_all_claims", "claims_proven", _col("claims_proven") > _col("claims_total")),
        Rule(
            "weak_evidence_means_nothing_proven",
            "grounds_code",
            _iff(_col("grounds_code") == "weak_evidence", nothing_proven),
        ),
        Rule("nothing_proven_stays_neutral", "raw_score", nothing_proven & (_col("raw_score") != SCORE_NEUTRAL)),
    )


def rounded(raw: pl.Expr) -> pl.Expr:
    """`scoring_ops.weighing.to_score` for a whole column: nearest whole number, ties toward 3, clamped to 1-5."""
    toward_3 = pl.when(raw > SCORE_NEUTRAL).then((raw - 0.5).ceil()).otherwise((raw + 0.5).floor())
    return toward_3.clip(SCORE_MIN, SCORE_MAX)


def _dimension_scores() -> tuple[Rule, ...]:
    unproven = _col("proven") == 0
    return (
        Rule("proven_claims_are_among_all_claims", "proven", _col("proven") > _col("claims")),
        Rule("unproven_claims_contribute_nothing", "contribution", unproven & (_col("contribution") != 0)),
    )


def _proven_quote() -> tuple[Rule, ...]:
    """A quote is the span its offsets name, and code computed exactly what no quote can show."""
    length = _col("end_offset") - _col("start_offset")
    computed = _col("match_kind") == "computed"
    return (
        Rule("end_offset_follows_start_offset", "end_offset", length <= 0),
        Rule("quote_is_as_long_as_its_offsets", "quote", _col("quote").str.len_chars() != length),
        Rule("only_code_proves_without_a_quote", "match_kind", _iff(computed, _col("evidence_kind") != "quote")),
    )


def _score_reasons() -> tuple[Rule, ...]:
    rejected, weight = _col("match_kind") == "rejected", _col("weight")
    place = ("message_id", "author_type", "start_offset", "end_offset")
    sign = pl.when(weight > 0).then(pl.lit("positive")).when(weight < 0).then(pl.lit("negative"))
    return (
        *_proven_quote(),
        *(Rule("a_place_is_known_exactly_where_proven", name, _iff(rejected, _col(name).is_null())) for name in place),
        Rule("a_rejected_claim_weighs_nothing", "weight", rejected & (weight != 0)),
        Rule("sign_is_the_sign_of_the_weight", "sign", _col("sign") != sign.otherwise(pl.lit("neutral"))),
        Rule("evidence_is_counted_exactly_where_proven", "evidence_count", _iff(rejected, _col("evidence_count") == 0)),
    )


def _feedback_items() -> tuple[Rule, ...]:
    product = _col("kind").is_in(get_args(FeedbackKind))
    return (
        *_proven_quote(),
        Rule("kind_belongs_to_its_dimension", "kind", _iff(product, _col("dimension") == "product_feedback")),
    )


def _ledger() -> tuple[Rule, ...]:
    return (
        Rule("cost_is_not_negative", "cost_usd", _col("cost_usd") < 0),
        Rule("unpriced_calls_are_among_calls", "unpriced", _col("unpriced") > _col("calls")),
    )


def _llm_calls() -> tuple[Rule, ...]:
    return (
        Rule("cost_is_not_negative", "cost_usd", _col("cost_usd") < 0),
        Rule("latency_is_not_negative", "latency_ms", _col("latency_ms") < 0),
    )
