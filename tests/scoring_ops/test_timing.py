import pytest

from scoring_ops.scorecard import default_scorecard
from scoring_ops.timing import timing_findings
from tests.builders import make_message, make_transcript

WAITS = {"default": (480, 2880), "chat": (10, 60), "email": (1440, 4320)}


def waited(minutes, channel=None, agent="human_agent"):
    question = make_message("customer", "My order is late.", minutes=0)
    answer = make_message(agent, "It is on its way.", minutes=minutes, position=1)
    return timing_findings(make_transcript(question, answer), channel, WAITS)


def values(found):
    return [item.finding.value for item in found]


@pytest.mark.parametrize(
    ("channel", "minutes", "value"),
    [
        ("chat", 10, None),
        ("chat", 10.5, "timeliness:2"),
        ("chat", 60, "timeliness:2"),
        ("chat", 61, "timeliness:1"),
        ("email", 61, None),
        ("email", 1441, "timeliness:2"),
        ("email", 4321, "timeliness:1"),
        (None, 480, None),
        (None, 481, "timeliness:2"),
        ("carrier pigeon", 2881, "timeliness:1"),
    ],
)
def test_what_is_slow_depends_on_the_channel(channel, minutes, value):
    assert values(waited(minutes, channel)) == ([value] if value else [])


@pytest.mark.parametrize("agent", ["human_agent", "ai_agent"])
def test_a_long_wait_quotes_the_message_that_waited(agent):
    (found,) = waited(90, "chat", agent)
    (place,) = found.evidence
    assert found.finding.dimension == "service_quality"
    assert (place.message_id, place.quote, place.kind) == ("m0", "My order is late.", "timing")
    assert place.match_kind == "computed"


def test_the_wait_counts_from_the_first_unanswered_message():
    transcript = make_transcript(
        make_message("customer", "First message.", minutes=0),
        make_message("customer", "Still there.", minutes=55, position=1),
        make_message("human_agent", "Yes.", minutes=62, position=2),
    )
    (found,) = timing_findings(transcript, "chat", WAITS)
    assert (found.finding.value, found.evidence[0].message_id) == ("timeliness:1", "m0")


def test_only_the_longest_of_several_waits_counts():
    transcript = make_transcript(
        make_message("customer", "One.", minutes=0),
        make_message("human_agent", "Answer.", minutes=20, position=1),
        make_message("customer", "Two.", minutes=100, position=2),
        make_message("human_agent", "Answer.", minutes=145, position=3),
    )
    (found,) = timing_findings(transcript, "chat", WAITS)
    assert (found.finding.value, found.evidence[0].message_id) == ("timeliness:2", "m2")


def test_the_time_before_the_customer_speaks_is_no_wait():
    transcript = make_transcript(
        make_message("human_agent", "Hello.", minutes=0),
        make_message("customer", "Hello.", minutes=9999, position=1),
        make_message("human_agent", "Bye.", minutes=10000, position=2),
    )
    assert timing_findings(transcript, "chat", WAITS) == ()


@pytest.mark.parametrize("untimed", ["question", "answer", "both"])
def test_without_times_no_wait_is_claimed(untimed):
    question_at = {"sent_at": None} if untimed != "answer" else {}
    answer_at = {"sent_at": None} if untimed != "question" else {"minutes": 9999}
    transcript = make_transcript(
        make_message("customer", "My order is late.", **question_at),
        make_message("human_agent", "It is on its way.", position=1, **answer_at),
    )
    assert timing_findings(transcript, "chat", WAITS) == ()


def test_messages_out_of_order_make_no_wait():
    assert waited(-500, "chat") == ()


@pytest.mark.parametrize("question", ["Where is it?", "Where is it?  \n", "在哪里？", "أين طلبي؟", "?"])
def test_a_question_that_ends_a_conversation_is_unanswered(question):
    transcript = make_transcript(("human_agent", "Hello."), make_message("customer", question, sent_at=None))
    (found,) = timing_findings(transcript, None, WAITS)
    assert (found.finding.dimension, found.finding.value) == ("process_fault", "unanswered")
    assert (found.evidence[0].kind, found.evidence[0].quote) == ("absence", question.strip())


@pytest.mark.parametrize(
    "said",
    [
        (("customer", "Where is it?"), ("ai_agent", "On its way.")),
        (("human_agent", "Hello."), ("customer", "Thank you, that was all.")),
        (("customer", "Hello."), ("human_agent", "Anything else?")),
    ],
)
def test_an_answered_or_unasked_question_is_none(said):
    assert timing_findings(make_transcript(*said), None, WAITS) == ()


def test_an_empty_transcript_claims_nothing():
    assert timing_findings(make_transcript(make_message(text=" ")), "chat", WAITS) == ()


def test_each_value_that_code_can_claim_has_a_weight():
    weights = default_scorecard().weights
    assert {"timeliness:1", "timeliness:2"} <= set(weights["service_quality"])
    assert "unanswered" in weights["process_fault"]
