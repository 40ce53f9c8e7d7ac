"""How well the local judge agrees with people, by 5-fold with groups whole: uncalibrated, and calibrated on its folds.

Reads the labelled sets beside the project (../shared/data/labelled), which are not part of it, and leaves out what is
absent. `python benchmarks/judge_quality.py` measures without sentence vectors, `--embed` with them; `--cascade` adds
the share that an expert would see against F1, with the expert simulated by the labels of the panel.
"""

import argparse
import gzip
import json
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.local_judge import DATA, conversation_of
from scoring_ops.calibration.calibrate import Labelled, Read, Scorer, read_labelled, score_apart, score_with
from scoring_ops.calibration.groups import Origin
from scoring_ops.calibration.thresholds import f1
from scoring_ops.claims import Claims
from scoring_ops.judges.trained.features import Embedder, Floats
from scoring_ops.judges.trained.model import Head
from scoring_ops.judges.trained.sentence_model import SentenceModel
from scoring_ops.score import NEGATIVE_TO
from scoring_ops.scorecard import default_scorecard
from scoring_ops.transcript import transcribe
from scoring_ops.weighing import score_claims

SETS = ("stc3_en", "stc3_zh", "star_en", "tau_airline_en")
TOGETHER = "stc3_en+stc3_zh"
CLEAR = 0.2  # of a point from 2.5: the panel is not on the fence


class Remembered:
    """An embedder that keeps its vectors in a file, so that a second measurement takes seconds."""

    def __init__(self, inner: Embedder, path: Path) -> None:
        self._inner, self._path = inner, path
        self._known: dict[str, Floats] = {}
        self._fresh = False
        if path.exists():
            with np.load(path) as stored:
                self._known = dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))

    @property
    def name(self) -> str:
        """That of the embedder within."""
        return self._inner.name

    @property
    def size(self) -> int:
        """Numbers per vector."""
        return self._inner.size

    def embed(self, text: str) -> Floats:
        """The vector of a text, from the file where it is there."""
        if text not in self._known:
            self._known[text], self._fresh = self._inner.embed(text), True
        return self._known[text]

    def keep(self) -> None:
        """Writes the file where anything is new."""
        if self._fresh:
            np.savez(self._path, texts=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))


def labelled(path: Path) -> Iterator[Labelled]:
    """The conversations of a labelled file with what people said of them."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            conversation = conversation_of(record)
            group = record["conversation_id"].rpartition("-")[0] if "tau" in path.name else None  # trials of one task
            origin = Origin(record["conversation_id"], transcribe(conversation), group)
            yield Labelled(origin, conversation.channel, targets(record["human_label"]))


def targets(label: Mapping[str, object]) -> dict[Head, float]:
    """What people said, from 1 to 5; a plain yes or no lies half a point, or one and a half, off the boundary."""
    if "dims" in label:
        dims = label["dims"]
        return {
            "satisfaction": label["mean"],
            "resolution": dims["resolution"]["mean"],
            "effort": dims["effectiveness"]["mean"],
        }
    if "resolved" in label:
        return {"resolution": 4.0 if label["resolved"] else 2.0}
    return {"satisfaction": 2.0 if label["negative"] else 3.0}


class Told(NamedTuple):
    """What people said of a conversation, and what the judge made of it."""

    name: str
    targets: Mapping[Head, float]
    score: int
    unresolved: bool
    margin: float
    """How far the judge's satisfaction lies from its negative cut; 0 where it has none."""


def unresolved(claims: Claims) -> bool:
    """Our resolution dimension: unresolved where an issue is and none is resolved."""
    statuses = {issue.status for issue in claims.issues}
    return "unresolved" in statuses and "resolved" not in statuses


def uncalibrated(examples: Sequence[Read]) -> list[Told]:
    card = default_scorecard()
    return [
        Told(
            e.labelled.origin.conversation_id,
            e.labelled.targets,
            score_claims(e.claims, e.transcript, e.labelled.channel, card).score,
            unresolved(e.claims),
            0.0,
        )
        for e in examples
    ]


def calibrated(examples: Sequence[Read], embedder: Embedder | None) -> list[Told]:
    return [told(example, scorer) for example, scorer in score_apart(examples, embedder)]


def told(example: Read, scorer: Scorer) -> Told:
    claims, score = score_with(scorer, example)
    line = scorer.model.line("satisfaction", "-")
    margin = line.value(scorer.model.scaling, example.features) - line.cuts[1] if line else 0.0
    name, said = example.labelled.origin.conversation_id, example.labelled.targets
    return Told(name, said, score.score, unresolved(claims), margin)


def _figures(name: str, how: str, rows: Sequence[Told]) -> Iterator[tuple[str, ...]]:
    for what, head, says in (
        ("negative", "satisfaction", lambda r: r.score <= NEGATIVE_TO),
        ("unresolved", "resolution", lambda r: r.unresolved),
    ):
        own = [r for r in rows if head in r.targets]
        if own:
            yield (name, how, what, *_agreement(own, head, says))


def _agreement(rows: Sequence[Told], head: Head, says: Callable[[Told], bool]) -> tuple[str, ...]:
    means = np.array([r.targets[head] for r in rows])
    truth, said = means < 2.5, np.array([says(r) for r in rows])
    clear = np.abs(means - 2.5) >= CLEAR
    both = float((truth & said).sum())
    low, high = interval(said, truth)
    return (
        f"{len(rows):,}",
        f"{truth.mean():.0%}",
        f"{both / max(said.sum(), 1):.3f}",
        f"{both / max(truth.sum(), 1):.3f}",
        f"{f1(said, truth):.3f}",
        f"{low:.2f}-{high:.2f}",
        f"{f1(said[clear], truth[clear]):.3f}",
        f"{(said == truth).mean():.3f}",
    )


def interval(said: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of F1 over 1,000 resamples of the conversations."""
    rng = np.random.default_rng(20_26)
    draws = [f1(said[pick], truth[pick]) for pick in rng.integers(0, len(said), (1_000, len(said)))]
    return float(np.quantile(draws, 0.025)), float(np.quantile(draws, 0.975))


def cascade(rows: Sequence[Told]) -> Iterator[tuple[str, ...]]:
    """F1 of the negative class where the least certain share goes to an expert.

    The expert is simulated: it answers as the panel's mean does, or errs in one of ten at random.
    """
    order = np.argsort([abs(r.margin) for r in rows])
    truth = np.array([r.targets["satisfaction"] < 2.5 for r in rows])
    own = np.array([r.score <= NEGATIVE_TO for r in rows])
    errs = np.random.default_rng(20_26).random(len(rows)) < 0.1
    for share in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0):
        sent = order[: round(share * len(rows))]
        right, erring = own.copy(), own.copy()
        right[sent], erring[sent] = truth[sent], truth[sent] ^ errs[sent]
        yield f"{share:.0%}", f"{f1(right, truth):.3f}", f"{f1(erring, truth):.3f}"


class Report(NamedTuple):
    """Lines of the table, and a curve for each set."""

    lines: list[tuple[str, ...]]
    curves: list[tuple[str, list[tuple[str, ...]]]]


def measure(name: str, paths: Sequence[Path], embedder: Embedder | None, report: Report) -> None:
    """Measures one set, or several that are trained on together."""
    started = time.process_time()
    examples = read_labelled([one for path in paths for one in labelled(path)], embedder)
    speed = len(examples) / (time.process_time() - started)
    Console(stderr=True).print(f"{name}: {speed:.0f} conversations read per CPU second")
    rows = calibrated(examples, embedder)
    for part in name.split("+"):
        own = [r for r in rows if r.name.startswith(part.removesuffix("_en").replace("_", "-"))]
        if part == name:
            report.lines.extend(_figures(part, "uncalibrated", uncalibrated(examples)))
        else:
            own = [r for r in rows if r.name.startswith(part.replace("_", "-"))]
        report.lines.extend(_figures(part, "calibrated" if part == name else f"calibrated on {name}", own))
        if "stc3" in part:
            report.curves.append((f"{part}, calibrated on {name}", list(cascade(own))))


def main() -> None:
    """Measures every set that is there."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--data", type=Path, default=DATA, help="the folder of the labelled sets")
    ask.add_argument("--sets", nargs="*", default=[*SETS, TOGETHER])
    ask.add_argument("--embed", action="store_true", help="with sentence vectors")
    ask.add_argument("--vectors", type=Path, help="a file to keep the vectors in")
    ask.add_argument("--cascade", action="store_true", help="the curve of a cascade with a simulated expert")
    asked = ask.parse_args()
    embedder = SentenceModel() if asked.embed else None
    if embedder and asked.vectors:
        embedder = Remembered(embedder, asked.vectors)
    report = Report([], [])
    for name in asked.sets:
        paths = [asked.data / f"{part}.dev.jsonl.gz" for part in name.split("+")]
        if all(path.exists() for path in paths):
            measure(name, paths, embedder, report)
    if isinstance(embedder, Remembered):
        embedder.keep()
    show(report, with_curves=asked.cascade)


def show(report: Report, *, with_curves: bool) -> None:
    """Prints the table and, where they are asked for, the curves."""
    console = Console(width=150)
    table = Table(title="Local judge, held-out folds, groups whole", title_justify="left")
    for name in ("set", "judge", "class", "n", "share", "precision", "recall", "F1", "95 %", "F1 clear", "accuracy"):
        table.add_column(name)
    for line in report.lines:
        table.add_row(*line)
    console.print(table)
    for name, lines in report.curves if with_curves else ():
        curve = Table("sent to the expert", "F1, expert = panel", "F1, expert errs in 10 %", title=f"SIMULATED: {name}")
        for line in lines:
            curve.add_row(*line)
        console.print(curve)
    console.print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
