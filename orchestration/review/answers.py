"""Filled sheets, read and checked against the lake: what is kept stands beside the machine's score, for good.

The same reviewer's answer to the same version replaces the one before. Sheets that cannot be used are named with their
place and the rule; those without an answer are counted; all others are kept.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple, cast

import polars as pl
from pydantic import ValidationError

from expectations.schemas.tables import LakeTable, schema_of
from expectations.validation import validate_table
from orchestration.frames import VERSION
from orchestration.labels import Unusable
from orchestration.lake import Lake
from orchestration.review.sheet import FilledSheet
from orchestration.settings import SettingError
from orchestration.sources.broken import Broken, first_problem
from orchestration.sources.files.readers import Unreadable, find_files, read_file
from orchestration.sources.protocol import SourceError
from scoring_ops.conversation import Conversation, Message
from scoring_ops.privacy import mask

Row = dict[str, object]


class Imported(NamedTuple):
    """What became of a file of sheets."""

    reviews: int
    claims: int
    overrides: int
    """Reviews with another score than the one that was shown."""
    blank: int
    unusable: tuple[Unusable, ...]


def import_reviews(path: Path, lake: Lake, at: datetime, reviewer: str = "") -> Imported:
    """Keeps the answers of a file, or of all files of a folder, in the lake's tables `reviews` and `claim_reviews`.

    Args:
        path: JSON lines, as `cxscore review export` writes them and its page saves them.
        lake: holds the conversations, and takes the answers.
        at: now.
        reviewer: whose answers those are that name nobody.

    Raises:
        SettingError: nothing that can be read is there.
    """
    unusable: list[Unusable] = []
    taken: dict[tuple[object, ...], FilledSheet] = {}
    blank = 0
    try:
        read = [item for name, file in find_files(str(path)) for item in read_file(name, file)]
    except SourceError as error:
        raise SettingError(f"reviews: {str(error).removeprefix('CX_FILES_PATH: ')}") from error
    known = _Known(lake)
    for item in read:
        if isinstance(item, Unreadable):
            unusable.append(Unusable(*item))
            continue
        try:
            sheet = _sheet(item.fields, reviewer)
            if sheet.is_blank:
                blank += 1
                continue
            known.check(sheet)
            _take(sheet, taken)
        except Broken as broken:
            unusable.append(Unusable(item.ref, broken.rule, broken.detail))
    sheets = list(taken.values())
    reviews = _checked(lake, "reviews", (_review_row(sheet, at) for sheet in sheets))
    claims = _checked(lake, "claim_reviews", (row for sheet in sheets for row in _claim_rows(sheet, at)))
    _keep(lake, "reviews", reviews)
    _keep(lake, "claim_reviews", claims)
    overrides = sum(None not in {s.score, s.shown_score} and s.score != s.shown_score for s in sheets)
    return Imported(reviews.height, claims.height, overrides, blank, tuple(unusable))


def _take(sheet: FilledSheet, taken: dict[tuple[object, ...], FilledSheet]) -> None:
    if taken.setdefault((*sheet.version, sheet.reviewer), sheet) is not sheet:
        raise Broken("reviewed_twice", "the reviewer has answered this version twice in one import")


def _sheet(fields: Mapping[str, object], reviewer: str) -> FilledSheet:
    try:
        sheet = FilledSheet.model_validate(fields)
    except ValidationError as error:
        raise Broken("bad_review", first_problem(error)) from None
    if sheet.is_blank:
        return sheet
    name = sheet.reviewer.strip() or reviewer
    if not name:
        raise Broken("no_reviewer", "nobody is named; name one in the sheet, or with --reviewer")
    return sheet.model_copy(update={"reviewer": name})


class _Known:
    """What the lake holds of the days that sheets are about, read once each."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._versions: dict[date, dict[tuple[object, ...], str]] = {}
        self._claims: dict[tuple[date, str], set[tuple[object, ...]]] = {}

    def check(self, sheet: FilledSheet) -> None:
        """Raises Broken where the sheet is about no version, or no claim, of the lake."""
        day = sheet.version_at.date()
        if self._of_day(day).get(sheet.version) != sheet.transcript_hash:
            raise Broken("unknown_version", "the lake holds no such version with this transcript")
        checked = [claim for claim in sheet.claims if claim.is_supported is not None]
        if not checked:
            return
        if sheet.shown_scorer_version is None:
            raise Broken("unknown_claim", "claims are checked, and shown_scorer_version names no scorer")
        there = self._claims_of(day, sheet.shown_scorer_version)
        for claim in checked:
            if (*sheet.version, claim.reason_position, claim.dimension, claim.value) not in there:
                raise Broken("unknown_claim", f"the scorer made no such claim at place {claim.reason_position}")

    def _of_day(self, day: date) -> dict[tuple[object, ...], str]:
        if day not in self._versions:
            frame = self._lake.read_day("conversations", day).select(*VERSION, "transcript_hash")
            self._versions[day] = {tuple(key): transcript_hash for *key, transcript_hash in frame.iter_rows()}
        return self._versions[day]

    def _claims_of(self, day: date, scorer: str) -> set[tuple[object, ...]]:
        if (day, scorer) not in self._claims:
            frame = self._lake.read_day("score_reasons", day, scorer=scorer)
            rows = frame.select(*VERSION, "reason_position", "dimension", "value").iter_rows()
            self._claims[day, scorer] = set(rows)
        return self._claims[day, scorer]


def _review_row(sheet: FilledSheet, at: datetime) -> Row:
    answers = sheet.answers()
    return {
        **dict(zip(VERSION, sheet.version, strict=True)),
        "reviewer": sheet.reviewer,
        "role": sheet.role,
        "transcript_hash": sheet.transcript_hash,
        "score": answers.get("score"),
        "resolution": answers.get("resolution"),
        "customer_effort": answers.get("customer_effort"),
        "comment": _masked(sheet),
        "drawn_by": sheet.drawn_by,
        "saw_score": sheet.saw_score,
        "shown_scorer_version": sheet.shown_scorer_version,
        "shown_score": sheet.shown_score,
        "reviewed_at": at,
    }


def _masked(sheet: FilledSheet) -> str | None:
    """The comment as extraction masks a message: reviewers quote customers."""
    text = sheet.comment.strip()
    if not text:
        return None
    written = Message(message_id="comment", position=0, author_type="human_agent", text=text)
    wrapped = Conversation(
        workspace_id=sheet.workspace_id,
        source=sheet.source,
        conversation_id=sheet.conversation_id,
        version_at=sheet.version_at,
        messages=(written,),
    )
    return mask(wrapped).conversation.messages[0].text


def _claim_rows(sheet: FilledSheet, at: datetime) -> Iterator[Row]:
    for claim in sheet.claims:
        if claim.is_supported is not None:
            yield {
                **dict(zip(VERSION, sheet.version, strict=True)),
                "scorer_version": sheet.shown_scorer_version,
                "reason_position": claim.reason_position,
                "reviewer": sheet.reviewer,
                "dimension": claim.dimension,
                "value": claim.value,
                "is_supported": claim.is_supported,
                "reviewed_at": at,
            }


def _checked(lake: Lake, table: LakeTable, rows: Iterable[Row]) -> pl.DataFrame:
    frame = lake.frame(table, rows)
    outcome = validate_table(table, frame)
    if not outcome.passed:
        raise ValueError(outcome.summary)
    return frame


def _keep(lake: Lake, table: LakeTable, frame: pl.DataFrame) -> None:
    key = tuple(schema_of(table).unique or ())
    days = frame.with_columns(day=pl.col("version_at").dt.date()).partition_by("day", as_dict=True, include_key=False)
    for (day,), rows in days.items():
        lake.merge_day(table, cast("date", day), rows, key)
