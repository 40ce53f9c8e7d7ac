import pytest

from scoring_ops.transcript import transcribe
from tests.builders import HELLO, REPLY, START, make_conversation, make_message, make_transcript


def test_turns_count_from_one_in_the_order_of_the_messages():
    transcript = make_transcript(HELLO, REPLY)
    assert [(turn.number, turn.message_id, turn.author_type) for turn in transcript.turns] == [
        (1, "m0", "customer"),
        (2, "m1", "human_agent"),
    ]


@pytest.mark.parametrize(("number", "found"), [(1, "m0"), (2, "m1"), (0, None), (-1, None), (3, None)])
def test_a_turn_that_does_not_exist_is_none(number, found):
    turn = make_transcript(HELLO, REPLY).turn(number)
    assert (turn.message_id if turn else None) == found


UNSAID = {
    "an internal note": make_message("human_agent", "The customer is difficult.", is_public=False, position=9),
    "a note by kind": make_message("human_agent", "An internal remark.", kind="note", position=9),
    "a survey": make_message("customer", "Rated 1 of 5", kind="rating", position=9),
    "a survey request": make_message("human_agent", "How did we do?", kind="rating_request", position=9),
    "an assignment": make_message("human_agent", "Assigned to billing", kind="assignment", position=9),
    "a bot": make_message("bot", "We have received your message.", position=9),
    "a system message": make_message("system", "The conversation was closed.", position=9),
    "a redacted message": make_message("customer", "removed", redacted=True, position=9),
    "white space": make_message("customer", " \n ", position=9),
}


@pytest.mark.parametrize("part", UNSAID.values(), ids=UNSAID)
def test_what_nobody_said_to_the_other_side_is_no_turn(part):
    with_part, without = make_transcript(HELLO, part, REPLY), make_transcript(HELLO, REPLY)
    assert [turn.text for turn in with_part.turns] == [HELLO[1], REPLY[1]]
    assert with_part.transcript_hash == without.transcript_hash
    assert with_part.agent_mix == "human_only"


@pytest.mark.parametrize(
    "facts",
    [
        {"csat_rating": 1, "csat_remark": "Terrible", "csat_rated_at": START, "csat_requested_at": START},
        {"ai_csat_rating": 2, "vendor_cx_score": 1.5},
        {"source_metadata": '{"label": "angry"}', "tags": ("vip",), "subject": "Refund", "topic": "billing"},
        {"state": "open", "team": "tier 2", "reopen_count": 3, "conversation_id": "other"},
    ],
)
def test_the_hash_is_the_same_whatever_else_changed(facts):
    plain = make_conversation(HELLO, REPLY)
    assert transcribe(make_conversation(HELLO, REPLY, **facts)) == transcribe(plain)


def test_the_hash_knows_neither_ids_nor_times():
    early = make_transcript(make_message(text="Hello there", message_id="a", minutes=0))
    late = make_transcript(make_message(text="Hello there", message_id="b", minutes=99))
    assert early.transcript_hash == late.transcript_hash


@pytest.mark.parametrize(
    "said",
    [
        (("customer", HELLO[1] + "!"), REPLY),
        (REPLY, HELLO),
        (("human_agent", HELLO[1]), REPLY),
        (HELLO, ("ai_agent", REPLY[1])),
        (HELLO,),
        (HELLO, REPLY, REPLY),
    ],
)
def test_the_hash_changes_with_who_said_what_in_which_order(said):
    assert make_transcript(*said).transcript_hash != make_transcript(HELLO, REPLY).transcript_hash


def test_two_turns_do_not_hash_as_one():
    together = make_transcript(("customer", "a b"), REPLY)
    apart = make_transcript(("customer", "a"), ("customer", "b"), REPLY)
    assert together.transcript_hash != apart.transcript_hash


def test_half_a_surrogate_pair_still_hashes():
    assert len(make_transcript(("customer", "broken \ud83d text")).transcript_hash) == 64


@pytest.mark.parametrize(
    ("authors", "mix"),
    [
        (("human_agent",), "human_only"),
        (("ai_agent",), "ai_only"),
        (("ai_agent", "human_agent"), "mixed"),
        (("customer",), "none"),
        (("bot",), "none"),
    ],
)
def test_the_agent_mix_is_who_spoke(authors, mix):
    assert make_transcript(HELLO, *((author, "Here is an answer.") for author in authors)).agent_mix == mix


def test_a_note_or_an_assignment_makes_nobody_take_part():
    note = make_message("human_agent", "Looking into it.", is_public=False, position=1)
    assigned = make_message("human_agent", "Assigned to me", kind="assignment", position=2)
    assert make_conversation(make_message(), note, assigned, ("ai_agent", "Hello.")).agent_mix == "ai_only"
