"""A calibrated scorer: it learns what labels show, closes under its own arithmetic, and proves what it claims."""

import asyncio
import math
from functools import cache

import numpy as np
import pytest

from scoring_ops.calibration.calibrate import Labelled, Scorer, calibrate, read_labelled, score_apart, score_with
from scoring_ops.calibration.thresholds import f1
from scoring_ops.claims import Claims, findings
from scoring_ops.evidence import verify
from scoring_ops.judges.trained.judge import TrainedJudge
from tests.fakes.labelled import LetterEmbedder, labelled

ROWS = labelled(120)


@cache
def trained(*, embed: bool = False) -> Scorer:
    embedder = LetterEmbedder() if embed else None
    return calibrate(read_labelled(ROWS, embedder), "test", embedder)


def test_conversations_it_was_not_trained_on_are_told_apart() -> None:
    examples = read_labelled(ROWS, None)
    told = [
        (score_with(scorer, e)[1].score <= 2, e.labelled.targets["satisfaction"] < 2.5)
        for e, scorer in score_apart(examples)
    ]
    said, truth = (np.array(column) for column in zip(*told, strict=True))
    assert len(told) == len(ROWS)
    assert f1(said, truth) > 0.9


@pytest.mark.parametrize("embed", [False, True])
def test_the_raw_score_is_three_plus_its_reasons(embed: bool) -> None:
    embedder = LetterEmbedder() if embed else None
    for example in read_labelled(ROWS[:30], embedder):
        _, score = score_with(trained(embed=embed), example)
        assert score.raw_score == pytest.approx(3 + math.fsum(reason.weight for reason in score.reasons), abs=1e-6)


def test_every_claim_is_proven_word_for_word() -> None:
    judge = TrainedJudge(trained().model)
    for row in ROWS[:30]:
        found = verify(findings(judge.claims_about(row.origin.transcript)), row.origin.transcript)
        assert found.rejected == ()
        assert {e.match_kind for proven in found.proven for e in proven.evidence} <= {"exact"}


def test_the_unhappy_ending_is_what_is_quoted() -> None:
    judge = TrainedJudge(trained().model)
    bad = next(row for row in ROWS if row.targets["satisfaction"] < 2)
    claims = judge.claims_about(bad.origin.transcript)
    assert claims.sentiment is not None
    assert claims.sentiment.end in {"negative", "very_negative"}
    assert claims.sentiment.end_evidence[0].turn == 3


def test_training_twice_gives_the_same_scorer() -> None:
    again = calibrate(read_labelled(ROWS, None), "test")
    assert again.card == trained().card
    for one, other in zip(trained().model.lines, again.model.lines, strict=True):
        assert np.array_equal(one.grams, other.grams)
        assert one.cuts == other.cuts


def test_too_few_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="fewer than"):
        calibrate(read_labelled(ROWS[:9], None), "test")


def test_labels_of_resolution_alone_leave_the_weights_as_they_ship() -> None:
    rows = [Labelled(r.origin, r.channel, {"resolution": r.targets["resolution"]}) for r in ROWS]
    scorer = calibrate(read_labelled(rows, None), "test")
    assert {line.head for line in scorer.model.lines} == {"resolution"}
    assert scorer.card.version == "1"


def test_the_judge_answers_what_it_claims_and_is_named_after_its_model() -> None:
    judge, transcript = TrainedJudge(trained().model), ROWS[0].origin.transcript
    answer = asyncio.run(judge.judge(transcript))
    assert Claims.model_validate_json(answer.claims_json) == judge.claims_about(transcript)
    assert judge.identity.version.startswith("local-trained-")
    other = TrainedJudge(trained().model._replace(checksum="another"))
    assert other.identity != judge.identity
    assert other.cache_key(transcript) != judge.cache_key(transcript)
    assert judge.most_usage(transcript) == judge.usual_usage(transcript) == (0, 0, None)
    asyncio.run(judge.aclose())


def test_a_model_is_not_used_with_another_embedder() -> None:
    with pytest.raises(ValueError, match="letters 1"):
        TrainedJudge(trained(embed=True).model)
