"""From labelled conversations to a scorer: the local judge's model, and the scorecard that goes with it.

Pure: labels come in, a scorer goes out; files are read and written by the caller. The scorecard is fitted to the claims
that the model made about conversations while it was not trained on them, so that it does not trust them too much.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring_ops.calibration.card import Values, fit_card, head_led
from scoring_ops.calibration.groups import Origin, folds_of, groups_of
from scoring_ops.calibration.lines import fit_model
from scoring_ops.calibration.thresholds import f1
from scoring_ops.claims import Claims, findings
from scoring_ops.evidence import ProvenFinding, verify
from scoring_ops.judges.local.judge import claims_from
from scoring_ops.judges.local.reading import Reading, read
from scoring_ops.judges.trained.features import Embedder, Features, features_of
from scoring_ops.judges.trained.judge import claims_at
from scoring_ops.judges.trained.model import HEADS, Head, Model
from scoring_ops.rubric.dimensions import Dimension
from scoring_ops.score import NEGATIVE_TO, ConversationScore
from scoring_ops.scorecard import Scorecard, default_scorecard
from scoring_ops.timing import timing_findings
from scoring_ops.transcript import Transcript
from scoring_ops.weighing import raw_score, score_claims, to_score, weigh

NEGATIVE_BELOW = 2.5


class Labelled(NamedTuple):
    """A conversation with what people said of it, from 1 to 5 per head; a plain yes or no is 2 or 3, or 2 or 4."""

    origin: Origin
    channel: str | None
    targets: Mapping[Head, float]


class Read(NamedTuple):
    """A labelled conversation, read once: what every fold needs of it."""

    labelled: Labelled
    reading: Reading
    claims: Claims
    features: Features

    @property
    def transcript(self) -> Transcript:
        """Its transcript."""
        return self.labelled.origin.transcript


class Scorer(NamedTuple):
    """What calibration yields: a scorecard and, for the local judge, its model."""

    card: Scorecard
    model: Model


def read_labelled(labelled: Sequence[Labelled], embedder: Embedder | None) -> list[Read]:
    """Every conversation read, with its features."""
    card = default_scorecard()
    found: list[Read] = []
    for one in labelled:
        reading = read(one.origin.transcript)
        claims = claims_from(reading)
        found.append(Read(one, reading, claims, features_of(reading, claims, card, embedder)))
    return found


def calibrate(examples: Sequence[Read], version: str, embedder: Embedder | None = None) -> Scorer:
    """The scorer that these examples teach the local judge.

    Raises:
        ValueError: too few labels on one side of every boundary.
    """
    groups = groups_of([example.labelled.origin for example in examples])
    fitted = fit_model(
        [example.features for example in examples],
        {head: targets_of(examples, head) for head in HEADS},
        groups,
        embedder.name if embedder else "",
    )
    if not any("satisfaction" in levels for levels in fitted.levels):
        return Scorer(default_scorecard(), fitted.model)
    claims = [claims_at(levels, e.reading, e.claims) for levels, e in zip(fitted.levels, examples, strict=True)]
    labelled = [example.labelled for example in examples]
    led, ordinal = head_led(default_scorecard(), version), calibrate_card(claims, labelled, version)
    better = _reached(claims, labelled, ordinal) > _reached(claims, labelled, led)
    return Scorer(ordinal if better else led, fitted.model)


def calibrate_card(claims: Sequence[Claims], labelled: Sequence[Labelled], version: str) -> Scorecard:
    """The scorecard that labels teach, for any judge's claims.

    Raises:
        ValueError: no conversation with a claim has a label for satisfaction.
    """
    told = [(c, one) for c, one in zip(claims, labelled, strict=True) if "satisfaction" in one.targets]
    if not told:
        raise ValueError("no labels from 1 to 5, or negative or not, to fit weights to")
    labels = np.array([one.targets["satisfaction"] for _, one in told])
    return fit_card([_values(*both) for both in told], labels, default_scorecard(), version)


def is_negative(claims: Claims, labelled: Labelled, card: Scorecard) -> bool:
    """Whether a card scores these claims 1 or 2."""
    return to_score(raw_score(weigh(_proven(claims, labelled), card))) <= NEGATIVE_TO


def _reached(claims: Sequence[Claims], labelled: Sequence[Labelled], card: Scorecard) -> float:
    """F1 of the negative class."""
    told = [(c, one) for c, one in zip(claims, labelled, strict=True) if "satisfaction" in one.targets]
    said = np.array([is_negative(*both, card) for both in told])
    return f1(said, np.array([one.targets["satisfaction"] < NEGATIVE_BELOW for _, one in told]))


def targets_of(examples: Sequence[Read], head: Head) -> NDArray[np.float64]:
    """What people said of each conversation; NaN where nobody did."""
    return np.array([example.labelled.targets.get(head, np.nan) for example in examples], dtype=np.float64)


def score_with(scorer: Scorer, example: Read) -> tuple[Claims, ConversationScore]:
    """The claims and the score of a conversation under a scorer, from what was read of it."""
    levels = scorer.model.levels(example.features)
    claims = claims_at(levels, example.reading, example.claims, scorer.model)
    return claims, score_claims(claims, example.transcript, example.labelled.channel, scorer.card)


def score_apart(examples: Sequence[Read], embedder: Embedder | None = None) -> Iterator[tuple[Read, Scorer]]:
    """Each example with a scorer that was trained without its group: five trainings, groups whole."""
    folds = folds_of(groups_of([example.labelled.origin for example in examples]))
    for fold in range(int(folds.max()) + 1):
        train = [example for example, own in zip(examples, folds, strict=True) if own != fold]
        scorer = calibrate(train, f"fold {fold}", embedder)
        for example, own in zip(examples, folds, strict=True):
            if own == fold:
                yield example, scorer


def _values(claims: Claims, labelled: Labelled) -> Values:
    """How much of each answer a conversation holds, what the clock shows included."""
    found: dict[tuple[Dimension, str], float] = {}
    for item in _proven(claims, labelled):
        key = (item.finding.dimension, item.finding.value)
        found[key] = found.get(key, 0.0) + item.finding.share
    return found


def _proven(claims: Claims, labelled: Labelled) -> tuple[ProvenFinding, ...]:
    transcript = labelled.origin.transcript
    proven = verify(findings(claims), transcript).proven
    claimed = {(p.finding.dimension, p.finding.value) for p in proven}
    timed = timing_findings(transcript, labelled.channel, default_scorecard().waits)
    return (*proven, *(p for p in timed if (p.finding.dimension, p.finding.value) not in claimed))
