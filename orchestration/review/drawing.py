"""Which conversations are to be read, from the published calibration queue, and the sheets that are made of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple, cast

import duckdb
import polars as pl

from orchestration.frames import VERSION
from orchestration.lake import Lake
from orchestration.publish import MARTS_FILE
from orchestration.review.sheet import Sheet, SheetClaim, SheetTurn
from orchestration.settings import SettingError, Settings
from orchestration.versions import stream_named
from orchestration.workspaces import workspace_rows
from scoring_ops.conversation import Conversation
from scoring_ops.review import CONTROL, DrawnBy, QueueReason
from scoring_ops.transcript import transcribe

Version = tuple[str, str, str, datetime]

_QUEUE = """
select workspace_id, source, conversation_id, version_at, scorer_version, reason
from route_calibration_queue
where not is_reviewed
    and week_start between coalesce(?, week_start) and coalesce(?, week_start)
order by queue_rank, week_start desc, is_blind desc, reason, route_key
"""


class Drawn(NamedTuple):
    """A version to read, whose score belongs to it, and why; most telling reason first."""

    version: Version
    scorer_version: str
    reasons: tuple[QueueReason, ...]

    @property
    def is_blind(self) -> bool:
        """True for the control, whatever else it was drawn for."""
        return CONTROL in self.reasons


def drawn_from_queue(settings: Settings, most: int, first: date | None = None, last: date | None = None) -> list[Drawn]:
    """The conversations of the queue that nobody has read yet, each once, in turn from every reason and workspace.

    Args:
        settings: where the marts are published.
        most: at most so many conversations.
        first: leaves out weeks that start before it.
        last: leaves out weeks that start after it.

    Raises:
        SettingError: nothing is published.
    """
    path = settings.published_dir / MARTS_FILE
    if not path.exists():
        raise SettingError(
            f"CX_PUBLISHED_DIR: no marts are published in {settings.published_dir}; run a backfill first"
        )
    with duckdb.connect(str(path), read_only=True) as marts:
        rows = marts.execute(_QUEUE, [first, last]).fetchall()
    found: dict[Version, Drawn] = {}
    for workspace, source, conversation, at, scorer, reason in rows:
        version = (workspace, source, conversation, at.replace(tzinfo=UTC))
        known = found.setdefault(version, Drawn(version, scorer, ()))
        found[version] = known._replace(reasons=(*known.reasons, reason))
    return list(found.values())[:most]


def drawn_by_name(settings: Settings, lake: Lake, ids: Sequence[str]) -> list[Drawn]:
    """The latest scored versions of conversations that somebody asked for.

    Raises:
        SettingError: one of them has no score by the scorer in use.
    """
    in_use = {str(row["workspace_id"]): row["champion_scorer_version"] for row in workspace_rows(settings)}
    found: dict[tuple[str, str, str], Drawn] = {}
    for frame in lake.frames("conversation_scores", 100_000):
        some = frame.filter(pl.col("conversation_id").is_in(ids)).sort("version_at")
        for workspace, source, conversation, at, scorer in some.select(*VERSION, "scorer_version").iter_rows():
            if scorer != in_use.get(workspace, in_use["*"]):
                continue
            known = found.get((workspace, source, conversation))
            if known is None or known.version[3] < at:
                drawn = Drawn((workspace, source, conversation, at), scorer, ())
                found[workspace, source, conversation] = drawn
    missing = sorted(set(ids) - {one.version[2] for one in found.values()})
    if missing:
        raise SettingError(f"--conversation: no score in use of {', '.join(missing)}")
    return list(found.values())


def sheets_of(lake: Lake, drawn: Sequence[Drawn]) -> list[Sheet]:
    """The sheets, in the order in which they were drawn; versions that have left the lake are left out."""
    by_day: dict[date, list[Drawn]] = {}
    for one in drawn:
        by_day.setdefault(one.version[3].date(), []).append(one)
    made = {sheet.version: sheet for day, some in by_day.items() for sheet in _of_day(lake, day, some)}
    return [made[one.version] for one in drawn if one.version in made]


def _of_day(lake: Lake, day: date, drawn: Sequence[Drawn]) -> Iterable[Sheet]:
    wanted = {one.version: one for one in drawn}
    scores = {
        scorer: _rows(lake, day, scorer, {one.version for one in drawn if one.scorer_version == scorer})
        for scorer in {one.scorer_version for one in drawn if not one.is_blind}
    }
    ids = [one.version[2] for one in drawn]
    frame = lake.read_day("conversations", day).filter(pl.col("conversation_id").is_in(ids))
    hashes = set(frame["transcript_hash"].to_list())
    for group in stream_named(lake, day, only=hashes.__contains__):
        for transcript_hash, conversation in group:
            workspace, source, name = conversation.identity
            one = wanted.get((workspace, source, name, conversation.version_at))
            if one is not None:
                said = {} if one.is_blind else scores[one.scorer_version].get(one.version, {})
                yield _sheet(one, conversation, transcript_hash, said)


def _rows(lake: Lake, day: date, scorer: str, versions: set[Version]) -> dict[Version, dict[str, object]]:
    """What a scorer said of each version: the columns of its score, and its proven claims."""
    found: dict[Version, dict[str, object]] = {}
    scores = lake.read_day("conversation_scores", day, scorer=scorer)
    for row in scores.select(*VERSION, "score", "summary", "grounds").iter_rows(named=True):
        version = cast("Version", tuple(row[name] for name in VERSION))
        if version in versions:
            found[version] = {**row, "claims": []}
    reasons = lake.read_day("score_reasons", day, scorer=scorer).filter(pl.col("match_kind") != "rejected")
    for row in reasons.select(*VERSION, *SheetClaim.model_fields.keys() - {"is_supported"}).iter_rows(named=True):
        version = cast("Version", tuple(row[name] for name in VERSION))
        if version in found:
            cast("list[SheetClaim]", found[version]["claims"]).append(SheetClaim.model_validate(row))
    return found


def _sheet(one: Drawn, conversation: Conversation, transcript_hash: str, said: Mapping[str, object]) -> Sheet:
    drawn_by: DrawnBy = CONTROL if one.is_blind else one.reasons[0] if one.reasons else "asked"
    claims = cast("list[SheetClaim]", said.get("claims", []))
    return Sheet(
        workspace_id=conversation.workspace_id,
        source=conversation.source,
        conversation_id=conversation.conversation_id,
        version_at=conversation.version_at,
        transcript_hash=transcript_hash,
        drawn_by=drawn_by,
        reasons=() if one.is_blind else one.reasons,
        saw_score=bool(said),
        channel=conversation.channel,
        language=conversation.language,
        turns=tuple(
            SheetTurn(number=turn.number, author_type=turn.author_type, text=turn.text)
            for turn in transcribe(conversation).turns
        ),
        shown_scorer_version=one.scorer_version if said else None,
        shown_score=cast("int | None", said.get("score")),
        summary=cast("str | None", said.get("summary")),
        grounds=cast("str | None", said.get("grounds")),
        claims=tuple(sorted(claims, key=lambda claim: claim.reason_position)),
    )
