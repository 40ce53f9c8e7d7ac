"""The lake behind the hand-computed numbers: 17 conversations of a workspace in Berlin, two weeks, two scorers.

Week of 2026-03-30 (summer time began the day before), population C of 11:
    scored 4: first 5, late_csat 3, too_late 1, shadowed 2     unscored 7: one of each other status, pending twice
    (reopened is the ineligible one: closed in the week, open again now, and its latest version reports no close)
Week of 2026-03-23: `sunday` alone, though its latest version calls the Monday its first close.
In no week: merged, spam, test, outbound, never_closed.
A second workspace in UTC, `busy`, has 30 scored conversations in the week of 2026-03-30, 24 of them positive.
"""

from typing import Any

from tests.dbt.lake_builder import JUDGE, SCORER, SHADOW, SHADOW_JUDGE, LakeBuilder

TUESDAY = "2026-03-31 12:00"
NEWEST = "2026-04-12 22:00"  # midnight in Berlin, 14 days after the week began; two hours short of it in UTC
TOO_LATE = "2026-04-07 12:01"
BLANK = " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"
CHAMPION: dict[str, Any] = {"scorer_version": SCORER, "judge_version": JUDGE}
BERLIN: dict[str, Any] = {"workspace_id": "berlin"}
UNCLOSED: dict[str, Any] = {"first_closed_at": None, "last_closed_at": None}
HUMAN_NOTE: dict[str, Any] = {
    "message_id": "m5",
    "position": 5,
    "author_type": "human_agent",
    "kind": "note",
    "is_public": False,
}
SHADOWED: dict[str, Any] = {"scorer_version": SHADOW, "judge_version": SHADOW_JUDGE}


class TinyLake(LakeBuilder):
    """A lake whose conversations are closed on the Tuesday of the week unless they say otherwise."""

    def conversation(
        self,
        name: str,
        at: str = TUESDAY,
        said: tuple[str, ...] = ("ai_agent",),
        text: str = "good service",
        **columns: Any,
    ) -> None:
        """A version of a conversation in which the customer wrote `text` and then each of `said` once."""
        known = {"workspace_id": "berlin", "first_closed_at": at, "last_closed_at": at, "customer_id": f"of {name}"}
        self.add("conversations", **{**known, "conversation_id": name, "version_at": at, **columns})
        workspace = columns.get("workspace_id", "berlin")
        version = {"workspace_id": workspace, "conversation_id": name, "version_at": columns.get("version_at", at)}
        self.add("messages", **version, text=text, sent_at=at)
        for position, author in enumerate(said, start=1):
            message = {"message_id": f"m{position}", "position": position, "author_type": author}
            self.add("messages", **version, **message, sent_at=at)

    def judged(self, name: str, at: str = TUESDAY, status: str = "scored", rules: str = "", **columns: Any) -> None:
        """What the champion's judge (or another) made of a version."""
        known = {"workspace_id": "berlin", "conversation_id": name, "version_at": at}
        self.add("judgements", **{**known, "status": status, "ineligible_rules": rules, **columns})

    def scored(self, name: str, score: int, at: str = TUESDAY, by: dict[str, Any] = CHAMPION, **columns: Any) -> None:
        """A judged and scored version with one proven reason that explains all of it, and one rejected claim."""
        version = {"workspace_id": columns.get("workspace_id", "berlin"), "conversation_id": name, "version_at": at}
        key = {**version, "scorer_version": by["scorer_version"]}
        sign = "positive" if score > 3 else "negative" if score < 3 else "neutral"
        self.judged(name, at, **{**version, "judge_version": by["judge_version"]})
        self.add("conversation_scores", **version, **by, score=score, raw_score=float(score), scored_at=at)
        self.add("score_reasons", **key, sign=sign, weight=score - 3.0)
        self.add(
            "score_reasons",
            **{**key, "reason_position": 1, "match_kind": "rejected", "sign": "neutral", "weight": 0.0},
            quote="never said",
            message_id=None,
            author_type=None,
            start_offset=None,
            end_offset=None,
        )


def fill(lake: TinyLake) -> None:
    """All of it."""
    lake.add("workspaces", workspace_id="berlin", timezone="Europe/Berlin", champion_scorer_version=SCORER)
    lake.add("workspaces")
    lake.add("rejected")
    _scored_week(lake)
    _unscored_week(lake)
    _outside_the_week(lake)
    _busy(lake)
    _feedback(lake)
    lake.conversation("never_closed", NEWEST, **UNCLOSED, state="open")


def _scored_week(lake: TinyLake) -> None:
    lake.conversation("first", "2026-03-29 22:00", csat_requested_at="2026-03-29 22:30")  # Monday 00:00 in Berlin
    lake.scored("first", 5, "2026-03-29 22:00")
    lake.conversation("late_csat", csat_requested_at=TUESDAY)
    lake.scored("late_csat", 3)
    rated = {"csat_rating": 5, "csat_rated_at": "2026-04-07 12:00"}  # to the second 7 days after the close
    lake.conversation("late_csat", csat_requested_at=TUESDAY, **rated, version_at="2026-04-07 12:00")
    lake.scored("late_csat", 3, "2026-04-07 12:00")
    lake.add("messages", **BERLIN, conversation_id="late_csat", version_at="2026-04-07 12:00", **HUMAN_NOTE)
    too_late = {"csat_rating": 1, "csat_rated_at": TOO_LATE, "ai_csat_rating": 2, "vendor_cx_score": 87.5}
    lake.conversation("too_late", csat_requested_at=TUESDAY, **too_late, version_at=TOO_LATE)
    lake.scored("too_late", 1, TOO_LATE)
    lake.conversation("shadowed", said=("human_agent", "ai_agent"))
    lake.scored("shadowed", 2)
    lake.scored("shadowed", 5, by=SHADOWED)


def _unscored_week(lake: TinyLake) -> None:
    for status in ("refused", "schema_error", "model_error", "budget_stopped", "pending"):
        lake.conversation(status)
        lake.judged(status, status=status)
    lake.conversation("unjudged", said=("human_agent",))
    lake.judged("unjudged", status="refused", judge_version=SHADOW_JUDGE)
    lake.conversation("reopened")
    lake.scored("reopened", 4)
    again = "2026-04-02 09:00"
    lake.conversation("reopened", said=("ai_agent", "human_agent"), state="open", **UNCLOSED, version_at=again)
    lake.judged("reopened", again, "ineligible", "not_closed")


def _outside_the_week(lake: TinyLake) -> None:
    lake.conversation("sunday", "2026-03-29 21:59")  # 23:59 in Berlin
    lake.scored("sunday", 2, "2026-03-29 21:59")
    lake.conversation("sunday", "2026-03-30 09:00")
    lake.scored("sunday", 2, "2026-03-30 09:00")
    for flag in ("merged", "spam", "test"):
        lake.conversation(flag, **{f"is_{flag}": True, "csat_rating": 5})
        lake.judged(flag, status="ineligible", rules=f"{flag},too_few_words")
    lake.conversation("outbound", initiated_by="human_agent", text=BLANK)
    lake.judged("outbound", status="ineligible", rules="outbound_without_customer_reply")


def _busy(lake: TinyLake) -> None:
    for n in range(30):
        lake.conversation(f"b{n}", workspace_id="busy")
        lake.scored(f"b{n}", 4 if n < 24 else 2, workspace_id="busy")


def _feedback(lake: TinyLake) -> None:
    """Four customers complain of search, the first one 14 days before the newest data; one also of login."""
    told = (("first", "2026-03-29 22:00"), ("late_csat", "2026-04-07 12:00"), ("too_late", TOO_LATE))
    for n, (name, at) in enumerate((*told, ("shadowed", TUESDAY), ("shadowed", TUESDAY))):
        item = {"conversation_id": name, "version_at": at, "feedback_item_id": f"f{n}"}
        lake.add("feedback_items", **BERLIN, **item, area="Login" if n == len(told) + 1 else "Search ")
    threat = {"conversation_id": "too_late", "version_at": TOO_LATE, "reason_position": 2, "claim": "risk.0"}
    lake.add("score_reasons", **BERLIN, **threat, dimension="risk", value="legal")
