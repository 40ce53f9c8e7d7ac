"""Labelled conversations as calibration reads them: what reviewers wrote, or a public set's `human_label`.

Files of reviewers are those of `docs/validation.md`, read by `labels.py`. A line of a public set holds a conversation
(`conversation_id`, `channel`, `messages`) and `human_label` with a score, a mean, a side or dimensions. Texts are
masked as extraction masks them, so that a model learns from what a judge will read. A line that cannot be used is an
error with its number: half a label set must not pass for a whole one.
"""

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orchestration.labels import labelled_set
from orchestration.labels import read_labels as reviewers_labels
from orchestration.lake import Lake
from orchestration.settings import SettingError
from scoring_ops.calibration.calibrate import Labelled
from scoring_ops.calibration.groups import Origin
from scoring_ops.conversation import AuthorType, Conversation, Message, UtcDatetime
from scoring_ops.judges.trained.model import Head
from scoring_ops.privacy import mask
from scoring_ops.transcript import transcribe
from scoring_ops.validation.labels import Label, Question

NEGATIVE, NOT_NEGATIVE = 2.0, 3.0  # where a plain yes or no lies on the scale
UNRESOLVED, RESOLVED = 2.0, 4.0
_HEADS: Mapping[Question, Head] = {"score": "satisfaction", "resolution": "resolution", "customer_effort": "effort"}
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)


class LabelsError(ValueError):
    """A labels file that cannot be used; the message names the file, the line and the rule."""


class LabelledConversation(NamedTuple):
    """One line: what calibration needs, and what the model card tells."""

    labelled: Labelled
    created_at: datetime | None
    language: str
    licence: str


class LabelsFile(NamedTuple):
    """A labels file, read."""

    name: str
    sha256: str
    conversations: tuple[LabelledConversation, ...]


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore")

    author_type: AuthorType
    sent_at: UtcDatetime | None = None
    text: str


class _Dimension(BaseModel):
    model_config = ConfigDict(extra="ignore")

    score: int | None = Field(default=None, ge=1, le=5)
    mean: float | None = Field(default=None, ge=1, le=5)


class _Label(_Dimension):
    negative: bool | None = None
    resolved: bool | None = None
    dims: dict[str, _Dimension] = Field(default_factory=dict)


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")

    conversation_id: str = Field(min_length=1)
    created_at: UtcDatetime | None = None
    channel: str | None = None
    language: str | None = None
    licence: str | None = None
    group: str | None = None
    messages: tuple[_Said, ...] = Field(min_length=1)
    human_label: _Label


def read_labels(path: Path, lake: Lake | None = None, workspace_id: str = "labels") -> LabelsFile:
    """All conversations of a labels file.

    Args:
        path: a file, or a folder of reviewers' files.
        lake: where conversations are looked up that a reviewer's file only names.
        workspace_id: of conversations that name none.

    Raises:
        LabelsError: it cannot be read, is empty, or has a line that cannot be used.
    """
    try:
        if path.is_dir() or {".csv", ".parquet"} & set(path.suffixes):
            return _reviewed(path, lake, workspace_id)
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise LabelsError(f"{path}: cannot be read ({type(error).__name__})") from error
    if '"human_label"' not in text and '"conversation_id"' in text:
        return _reviewed(path, lake, workspace_id)
    found = tuple(_lines(path, text))
    if not found:
        raise LabelsError(f"{path}: holds no conversation")
    return LabelsFile(path.name, hashlib.sha256(content).hexdigest(), found)


def _reviewed(path: Path, lake: Lake | None, workspace_id: str) -> LabelsFile:
    """What reviewers wrote: the settled answer where there is one, else their mean."""
    try:
        file = reviewers_labels(path)
    except SettingError as error:
        raise LabelsError(str(error)) from error
    named = next((place for place in file.labels if place not in file.conversations), None)
    if named is not None and lake is None:
        raise LabelsError(f"{path}: {named.conversation_id}: the record holds no messages, and there is no lake")
    labelled = labelled_set(file, workspace_id, lake or Lake(str(path.parent)))
    for unusable in labelled.unusable:
        raise LabelsError(f"{path}: {unusable.ref}: {unusable.rule}: {unusable.detail}")
    records = {place.conversation_id: record for place, record in file.conversations.items()}
    found = tuple(
        LabelledConversation(
            Labelled(
                Origin(one.conversation.conversation_id, transcribe(one.conversation), _text(record, "group")),
                one.conversation.channel,
                targets,
            ),
            one.conversation.created_at,
            one.conversation.language or "unknown",
            _text(record, "licence") or "not stated",
        )
        for one in labelled.labelled
        if (targets := _answers(one.label))
        for record in [records.get(one.conversation.conversation_id, {})]
    )
    if not found:
        raise LabelsError(f"{path}: holds no conversation")
    return LabelsFile(file.name, file.sha256, found)


def _answers(label: Label) -> dict[Head, float]:
    """What was settled of each question, else the mean of the reviewers, else the side that is known."""
    found: dict[Head, float] = {}
    for question, head in _HEADS.items():
        if verdict := label.get(question):
            side = UNRESOLVED if verdict.negative else RESOLVED
            found[head] = side if verdict.value is None else verdict.value
    return found


def _text(record: Mapping[str, object], name: str) -> str | None:
    value = record.get(name)
    return value if isinstance(value, str) and value else None


def _lines(path: Path, text: str) -> Iterator[LabelledConversation]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield _conversation(_Line.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise LabelsError(f"{path}: line {number}: {where}: {first['msg']}") from None
        except ValueError as error:
            raise LabelsError(f"{path}: line {number}: {error}") from None


def _conversation(line: _Line) -> LabelledConversation:
    targets = _targets(line.human_label)
    if not targets:
        raise ValueError("human_label: no score, mean, negative, resolved or dims")
    conversation = Conversation(
        workspace_id="labels",
        source="labels",
        conversation_id=line.conversation_id,
        version_at=line.created_at or _UNDATED,
        channel=line.channel,
        language=line.language,
        messages=tuple(
            Message(message_id=str(n), position=n, sent_at=said.sent_at, author_type=said.author_type, text=said.text)
            for n, said in enumerate(line.messages)
        ),
    )
    transcript = transcribe(mask(conversation).conversation)
    labelled = Labelled(Origin(line.conversation_id, transcript, line.group), line.channel, targets)
    return LabelledConversation(labelled, line.created_at, line.language or "unknown", line.licence or "not stated")


def _targets(label: _Label) -> dict[Head, float]:
    """What people said of each dimension, from 1 to 5."""
    found: dict[Head, float] = {}
    overall = _value(label)
    if overall is not None:
        found["satisfaction"] = overall
    elif label.negative is not None:
        found["satisfaction"] = NEGATIVE if label.negative else NOT_NEGATIVE
    if label.resolved is not None:
        found["resolution"] = RESOLVED if label.resolved else UNRESOLVED
    resolution, effort = label.dims.get("resolution"), label.dims.get("effectiveness") or label.dims.get("effort")
    if resolution and (value := _value(resolution)) is not None:
        found["resolution"] = value
    if effort and (value := _value(effort)) is not None:
        found["effort"] = value
    return found


def _value(told: _Dimension) -> float | None:
    return told.mean if told.mean is not None else told.score
