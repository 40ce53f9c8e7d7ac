"""Calibration with its files: labels read, a scorer trained and measured, its folder written as a whole.

What is fitted and how is `scoring_ops/calibration`. A folder appears complete or not at all.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from orchestration.calibration_labels import LabelledConversation, LabelsFile, read_labels
from orchestration.console import read_settings
from orchestration.judges import scorer_in_use
from orchestration.lake import Lake
from orchestration.taught import write_taught
from scoring_ops.cache import open_cache
from scoring_ops.calibration.calibrate import (
    NEGATIVE_BELOW,
    Labelled,
    calibrate,
    calibrate_card,
    is_negative,
    read_labelled,
    score_apart,
    score_with,
)
from scoring_ops.calibration.card_file import Figure, Provenance, card_toml, model_card
from scoring_ops.calibration.groups import folds_of, groups_of
from scoring_ops.claims import Claims
from scoring_ops.judges.local.judge import claims_about
from scoring_ops.judges.trained.model import Head
from scoring_ops.judges.trained.model_file import save_model
from scoring_ops.judges.trained.sentence_model import EmbedderMissing, SentenceModel
from scoring_ops.score import NEGATIVE_TO
from scoring_ops.scorecard import Scorecard

LATEST = 0.2  # the share of a split by time that is kept apart
BY_FOLDS = "five folds by hash, each scored by a scorer that was trained on the other four"
BY_TIME = "the latest fifth of the conversations, scored by a scorer that was trained on the earlier ones"


class CalibrationError(RuntimeError):
    """Nothing could be calibrated; the message says why."""


class Wanted(NamedTuple):
    """What to calibrate from, where to, and how to measure it."""

    labels: tuple[Path, ...]
    folder: Path
    split: Literal["hash", "time"]
    embed: bool = False
    weights_only: bool = False


class _Outcome(NamedTuple):
    """What the measured scorer said of one conversation kept apart."""

    targets: Mapping[Head, float]
    negative: bool
    unresolved: bool | None


def calibrate_to(wanted: Wanted, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> tuple[Figure, ...]:
    """Trains, measures and writes a scorer's folder; returns the figures.

    Raises:
        CalibrationError: too few labels, missing extras, or no claims to fit weights to.
        LabelsError: a labels file that cannot be used.
    """
    with read_settings() as settings:
        lake = Lake(settings.lake_url)
        files = tuple(read_labels(path, lake, settings.workspace_id) for path in wanted.labels)
    conversations = [one for file in files for one in file.conversations]
    day = f"{now():%Y-%m-%d}"
    try:
        write, outcomes, judge, embedder = (_weights if wanted.weights_only else _model)(conversations, wanted, day)
    except (ValueError, EmbedderMissing) as error:
        raise CalibrationError(str(error)) from error
    except ModuleNotFoundError as error:
        raise CalibrationError(f"{error.name} is missing: pip install 'cx-score[calibrate]'") from error
    figures = tuple(_figures(outcomes))
    made = _provenance(files, wanted.split, judge=judge, embedder=embedder, day=day)
    hashes = [one.labelled.origin.transcript.transcript_hash for one in conversations]

    def with_taught(folder: Path) -> None:
        write(folder)
        write_taught(folder, hashes)

    _write(wanted.folder, with_taught, model_card(made, figures))
    return figures


_Made = tuple[Callable[[Path], None], list[_Outcome], str, str]


def _model(conversations: Sequence[LabelledConversation], wanted: Wanted, day: str) -> _Made:
    embedder = SentenceModel() if wanted.embed else None
    examples = read_labelled([one.labelled for one in conversations], embedder)
    outcomes: list[_Outcome] = []
    if wanted.split == "hash":
        apart = score_apart(examples, embedder)
    else:
        early, late = _by_time(conversations)
        earlier = calibrate([examples[n] for n in early], day, embedder)
        apart = ((examples[n], earlier) for n in late)
    for example, scorer in apart:
        claims, score = score_with(scorer, example)
        outcomes.append(_Outcome(example.labelled.targets, score.score <= NEGATIVE_TO, _unresolved(claims)))
    scorer = calibrate(examples, f"calibrated {day}", embedder)

    def write(folder: Path) -> None:
        save_model(scorer.model, folder)
        _write_card(folder, scorer.card)

    return write, outcomes, "local", scorer.model.embedder


def _weights(conversations: Sequence[LabelledConversation], wanted: Wanted, day: str) -> _Made:
    judge, labelled, claims = _claims_in_use([one.labelled for one in conversations])
    if wanted.split == "hash":
        folds = folds_of(groups_of([one.origin for one in labelled])).tolist()
        parts = [
            ([n for n, f in enumerate(folds) if f != k], [n for n, f in enumerate(folds) if f == k]) for k in range(5)
        ]
    else:
        known = {id(one) for one in labelled}
        parts = [_by_time([one for one in conversations if id(one.labelled) in known])]
    outcomes: list[_Outcome] = []
    for train, test in parts:
        card = calibrate_card([claims[n] for n in train], [labelled[n] for n in train], day)
        outcomes += [
            _Outcome(labelled[n].targets, is_negative(claims[n], labelled[n], card), _unresolved(claims[n]))
            for n in test
        ]
    card = calibrate_card(claims, labelled, f"calibrated {day}")
    return lambda folder: _write_card(folder, card), outcomes, judge, ""


def _claims_in_use(labelled: Sequence[Labelled]) -> tuple[str, list[Labelled], list[Claims]]:
    """The judge in use, the conversations it has judged, and its claims: from the cache, but for the local judge."""
    with read_settings() as settings:
        version = scorer_in_use(settings).judge_version
        if version.startswith("local-lexicon-"):
            return version, list(labelled), [claims_about(one.origin.transcript) for one in labelled]
        hashes = [one.origin.transcript.transcript_hash for one in labelled]
        with open_cache(settings.cache_url) as cache:
            answers = {a.call.transcript_hash: a.claims_json for a in cache.answers(version, hashes)}
    judged = [one for one in labelled if one.origin.transcript.transcript_hash in answers]
    if not judged:
        raise CalibrationError(
            f"the cache holds no answer of {version} to any of these conversations: judge them first"
        )
    found = [Claims.model_validate_json(answers[one.origin.transcript.transcript_hash]) for one in judged]
    return version, judged, found


def _by_time(conversations: Sequence[LabelledConversation]) -> tuple[list[int], list[int]]:
    """The places of the earlier conversations and of the latest; a group that reaches into both is left out early."""
    dated = [one.created_at for one in conversations]
    if any(moment is None for moment in dated):
        raise CalibrationError("a split by time needs created_at on every line")
    order = sorted(range(len(conversations)), key=lambda n: str(dated[n]))
    late = order[round(len(order) * (1 - LATEST)) :]
    groups = groups_of([one.labelled.origin for one in conversations])
    kept_apart = {groups[n] for n in late}
    return [n for n in order if groups[n] not in kept_apart], late


def _unresolved(claims: Claims) -> bool | None:
    statuses = {issue.status for issue in claims.issues}
    return "unresolved" in statuses and "resolved" not in statuses


def _figures(outcomes: Sequence[_Outcome]) -> Iterator[Figure]:
    heads: tuple[tuple[str, Head], ...] = (("negative (score 1 or 2)", "satisfaction"), ("unresolved", "resolution"))
    for name, head in heads:
        own = [o for o in outcomes if head in o.targets]
        if not own:
            continue
        truth = [o.targets[head] < NEGATIVE_BELOW for o in own]
        said = [o.negative if head == "satisfaction" else bool(o.unresolved) for o in own]
        both = sum(a and b for a, b in zip(said, truth, strict=True))
        precision, recall = both / max(sum(said), 1), both / max(sum(truth), 1)
        f1 = 2 * both / max(sum(said) + sum(truth), 1)
        yield Figure(name, len(own), sum(truth) / len(own), precision, recall, f1)


def _provenance(
    files: Sequence[LabelsFile], split: Literal["hash", "time"], *, judge: str, embedder: str, day: str
) -> Provenance:
    conversations = [one for file in files for one in file.conversations]
    days = sorted(f"{one.created_at:%Y-%m-%d}" for one in conversations if one.created_at)
    return Provenance(
        judge=judge,
        labels=[f"{f.name}: {len(f.conversations):,} conversations, sha256 {f.sha256}" for f in files],
        languages=sorted(Counter(one.language for one in conversations).items()),
        licences=sorted({one.licence for one in conversations}),
        day=day,
        first=days[0] if days else "an unknown day",
        last=days[-1] if days else "an unknown day",
        split=BY_FOLDS if split == "hash" else BY_TIME,
        groups=len(set(groups_of([one.labelled.origin for one in conversations]))),
        conversations=len(conversations),
        embedder=embedder,
    )


def _write_card(folder: Path, card: Scorecard) -> None:
    text = card_toml(card, "Weights fitted by cxscore calibrate; MODEL_CARD.md says to which labels.")
    (folder / "scorecard.toml").write_text(text, encoding="utf-8")


def _write(folder: Path, write: Callable[[Path], None], card: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".calibrating-", dir=folder.parent))
    try:
        write(made)
        (made / "MODEL_CARD.md").write_text(card, encoding="utf-8")
        made.chmod(0o755)
        made.replace(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
