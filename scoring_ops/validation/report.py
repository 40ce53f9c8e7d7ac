"""The validation report of a scorer version: everything that was measured against people, in one frozen model.

The report is what `--json` writes, what a page is drawn from and, without its texts, what is stored to decide whether
a version counts as validated. Figures come first for all conversations, then for the clear ones, on which people were
not on the fence.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from scoring_ops.score import POSITIVE_FROM
from scoring_ops.validation.agreement import Agreement, agreements
from scoring_ops.validation.cases import Case, pairs_of
from scoring_ops.validation.comparison import Comparison, Prediction, Rerun, compared, predictions
from scoring_ops.validation.disagreements import Disagreement, disagreements
from scoring_ops.validation.figures import Figures, confusion_of, figures
from scoring_ops.validation.labels import QUESTIONS, Label, Question
from scoring_ops.validation.reliability import Calibration, calibration
from scoring_ops.validation.slices import Slice, slices

FORMAT = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Source(NamedTuple):
    """What was validated against what: versions, the label file, and when."""

    scorer_version: str
    judge_version: str
    labels: str
    labels_sha256: str
    made_at: datetime
    unusable: int
    """Records of the label file that could not be used."""
    unscored: Mapping[str, int]
    """Labelled conversations that got no score, by status."""
    ineligible: int
    """Of the scored ones, those that a run would not score, by the rules of eligibility."""
    taught: int = 0
    """Labelled conversations that the scorer was calibrated on: figures on those say how well it remembers."""


class SlicedFigures(Figures):
    """Figures with those of every slice."""

    slices: tuple[Slice, ...]


class EvidenceRate(_Part):
    """How many claims were proven."""

    claims: int
    proven: int
    rate: float | None


class SeedCounts(_Part):
    """The counts that the dbt seed `validation_reports` wants, for the corrected CX score."""

    gold_positive: int
    true_positive: int
    gold_negative: int
    true_negative: int


class ValidationReport(_Part):
    """All that was measured of one scorer version against one file of labels."""

    format: int = FORMAT
    scorer_version: str
    judge_version: str
    labels: str
    labels_sha256: str
    made_at: datetime
    n: int
    """Labelled conversations that got a score."""
    unusable: int
    unscored: Mapping[str, int]
    ineligible: int
    taught: int = 0
    """Labelled conversations that the scorer was calibrated on."""
    all: SlicedFigures | None
    clear: SlicedFigures | None
    """Both are None where no label is about the whole."""
    dimensions: Mapping[Question, Figures]
    confusion: tuple[tuple[int, ...], ...]
    """Counts by the score of people (rows, 1 to 5) and of the scorer (columns)."""
    calibration: Calibration
    agreement: tuple[Agreement, ...]
    evidence: EvidenceRate
    rerun: Rerun | None
    comparison: Comparison | None
    seed: SeedCounts
    disagreements: tuple[Disagreement, ...]
    predictions: tuple[Prediction, ...]

    @property
    def scored_share(self) -> float | None:
        """Scored conversations among all that could have been; what nobody has said anything in could not."""
        total = self.n + sum(n for status, n in self.unscored.items() if status != "ineligible")
        return self.n / total if total else None

    def without_texts(self) -> "ValidationReport":
        """The report as it is stored: no words of a conversation, only ids, scores and figures."""
        return self.model_copy(update={"disagreements": ()})


def validation_report(
    cases: Sequence[Case],
    labels: Sequence[Label],
    source: Source,
    *,
    baseline: ValidationReport | None = None,
    rerun: Rerun | None = None,
) -> ValidationReport:
    """The report of a scorer on labelled conversations.

    Args:
        cases: the labelled conversations that got a score.
        labels: all labels of the file, for the agreement of people.
        source: what was validated against what.
        baseline: the report of another version, to compare with on the same conversations.
        rerun: what judging some of them anew has changed.
    """
    whole = [case for case in cases if "score" in case.label]
    clear = [case for case in whole if case.is_clear]
    own = predictions(whole)
    return ValidationReport(
        scorer_version=source.scorer_version,
        judge_version=source.judge_version,
        labels=source.labels,
        labels_sha256=source.labels_sha256,
        made_at=source.made_at,
        n=len(cases),
        unusable=source.unusable,
        unscored=dict(sorted(source.unscored.items())),
        ineligible=source.ineligible,
        taught=source.taught,
        all=_sliced(whole),
        clear=_sliced(clear),
        dimensions={
            question: figures(pairs)
            for question in QUESTIONS
            if question != "score" and (pairs := pairs_of(cases, question))
        },
        confusion=tuple(tuple(int(n) for n in row) for row in confusion_of(pairs_of(whole, "score"))),
        calibration=calibration(whole),
        agreement=agreements(labels),
        evidence=_evidence(cases),
        rerun=rerun,
        comparison=None if baseline is None else compared(own, baseline.predictions, baseline.scorer_version),
        seed=_seed(whole),
        disagreements=disagreements(whole),
        predictions=own,
    )


def _sliced(cases: Sequence[Case]) -> SlicedFigures | None:
    return SlicedFigures(**dict(figures(pairs_of(cases, "score"))), slices=slices(cases)) if cases else None


def _evidence(cases: Sequence[Case]) -> EvidenceRate:
    claims, proven = sum(c.score.claims_total for c in cases), sum(c.score.claims_proven for c in cases)
    return EvidenceRate(claims=claims, proven=proven, rate=proven / claims if claims else None)


def _seed(cases: Sequence[Case]) -> SeedCounts:
    pairs = Counter(
        (positive, case.score.score >= POSITIVE_FROM)
        for case in cases
        if (positive := case.label["score"].positive) is not None
    )
    return SeedCounts(
        gold_positive=pairs[True, True] + pairs[True, False],
        true_positive=pairs[True, True],
        gold_negative=pairs[False, True] + pairs[False, False],
        true_negative=pairs[False, False],
    )
