from importlib.resources import files

import pytest

from scoring_ops.claims import Citation
from scoring_ops.evidence import locate
from scoring_ops.scorecard import ScorecardError, default_scorecard, load_scorecard
from scoring_ops.weighing import score_claims
from scoring_ops.words import count_words
from tests.builders import cite, make_claims, make_issue, make_transcript

SHIPPED = (files("scoring_ops") / "scorecard.toml").read_text(encoding="utf-8")


def located(quote, text):
    return locate(Citation(turn=1, quote=quote), make_transcript(("customer", text)), frozenset({"customer"}))


@pytest.mark.parametrize(
    ("text", "words"),
    [("안녕하세요 여러분", 2), ("हिन्दी", 1), ("e\u0301lan", 1), ("مَرْحَبًا", 1), ("שָׁלוֹם", 1), ("สวัสดี", 1)],
)
def test_marks_and_syllables_stay_within_their_word(text, words):
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("happy with it", "I am unhappy with it"),
        ("not refund this", "I cannot refund this"),
        ("paid 12", "I paid 123"),
        ("he ca", "The cat sat here"),
        ("I was able to log in to my account", "I was not able to log in to my account"),
        ("I want to pay this invoice today please", "I do not want to pay this invoice today please"),
        ("I was unable to log in to my account", "I was able to log in to my account"),
        ("I wasnt able to log in to my account today", "I was able to log in to my account today"),
        ("eu consigo pagar a fatura de janeiro", "eu não consigo pagar a fatura de janeiro"),
    ],
)
def test_what_says_the_opposite_proves_nothing(quote, text):
    assert located(quote, text) is None


@pytest.mark.parametrize(
    ("quote", "text"),
    [("I can't log in at all", "Well I can’t log in at all"), ("I don’t know why", "I don't know why")],
)
def test_a_typographic_apostrophe_is_no_other_negation(quote, text):
    assert located(quote, text) is not None


def test_what_would_change_it_knows_the_caps():
    def rated(aspect):
        return {"aspect": aspect, "rating": 1, "evidence": cite(2, "I have refunded you today.")}

    claims = make_claims(
        issues=(make_issue(),),
        service_quality=[rated("tone"), rated("knowledge"), rated("timeliness")],
        customer_effort={"level": "low", "drivers": (), "evidence": cite(1, "I want my money back.")},
    )
    found = score_claims(claims, make_transcript(), None, default_scorecard())
    assert (found.raw_score, found.score, found.what_would_change_it) == (3.3, 3, None)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("resolved = 0.8", "resolvd = 0.8", "weights.resolution"),
        ("resolved = 0.8", "resolved = nan", "weights.resolution"),
        ("resolved = 0.8", "resolved = -0.8", "weights.resolution"),
        ("resolution = 1.2", "resolution = -1.2", "caps.resolution"),
        ("resolution = 1.2", "resolution = inf", "caps.resolution"),
        ("chat = [10, 60]", "chat = [60, 10]", "waits.chat"),
    ],
)
def test_an_absurd_scorecard_is_refused(tmp_path, old, new, rule):
    (tmp_path / "scorecard.toml").write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScorecardError, match=rule):
        load_scorecard(tmp_path)
