import pytest

from scoring_ops.eligibility import MINIMUM_WORDS, failed_rules
from tests.builders import HELLO, REPLY, make_conversation, make_message

TEN_WORDS = "one two three four five six seven eight nine ten"


@pytest.mark.parametrize("state", ["open", "snoozed", "deleted"])
def test_only_closed_conversations_are_eligible(state):
    assert failed_rules(make_conversation(state=state)) == ("not_closed",)


def test_a_closed_conversation_with_a_reply_is_eligible():
    assert failed_rules(make_conversation(HELLO, REPLY)) == ()


@pytest.mark.parametrize(("flag", "rule"), [("is_spam", "spam"), ("is_merged", "merged"), ("is_test", "test")])
def test_each_flag_is_a_rule(flag, rule):
    assert failed_rules(make_conversation(**{flag: True})) == (rule,)


def test_a_conversation_without_the_customer_is_not_scored():
    assert failed_rules(make_conversation(("human_agent", TEN_WORDS))) == ("no_customer_message",)


def test_a_conversation_without_an_answer_is_not_scored():
    assert failed_rules(make_conversation(("customer", TEN_WORDS))) == ("no_agent_reply",)


def test_a_bot_gives_no_reply():
    assert failed_rules(make_conversation(("customer", TEN_WORDS), ("bot", TEN_WORDS))) == ("no_agent_reply",)


def test_a_note_is_no_reply():
    note = make_message("human_agent", TEN_WORDS, kind="note", is_public=False, position=1)
    assert failed_rules(make_conversation(("customer", TEN_WORDS), note)) == ("no_agent_reply",)


@pytest.mark.parametrize("agent", ["human_agent", "ai_agent"])
def test_either_kind_of_agent_answers(agent):
    assert failed_rules(make_conversation(HELLO, (agent, "Done."))) == ()


@pytest.mark.parametrize(("missing", "failed"), [(0, ()), (1, ("too_few_words",))])
def test_ten_words_of_both_sides_together_are_enough(missing, failed):
    said = TEN_WORDS.split()[missing:]
    assert len(said) == MINIMUM_WORDS - missing
    assert failed_rules(make_conversation(("customer", " ".join(said[:4])), ("ai_agent", " ".join(said[4:])))) == failed


def test_each_chinese_character_counts_as_a_word():
    assert failed_rules(make_conversation(("customer", "我要退款谢谢"), ("human_agent", "好的马上"))) == ()
    assert failed_rules(make_conversation(("customer", "我要退款"), ("human_agent", "好的马上"))) == ("too_few_words",)


def test_words_of_notes_and_bots_do_not_count():
    note = make_message("human_agent", TEN_WORDS, is_public=False, position=2)
    conversation = make_conversation(("customer", "Hi"), ("human_agent", "Hello"), note, ("bot", TEN_WORDS))
    assert failed_rules(conversation) == ("too_few_words",)


def test_a_fully_redacted_conversation_names_that_rule_first():
    redacted = [make_message(author, "gone", redacted=True, position=n) for n, author in enumerate(("customer", "bot"))]
    failed = failed_rules(make_conversation(*redacted))
    assert failed == ("fully_redacted", "no_customer_message", "no_agent_reply", "too_few_words")


def test_a_redacted_message_among_others_is_only_left_out():
    redacted = make_message("customer", "gone", redacted=True, position=2)
    assert failed_rules(make_conversation(make_message(text=TEN_WORDS), REPLY, redacted)) == ()


@pytest.mark.parametrize("starter", ["human_agent", "ai_agent", "bot", "system"])
def test_outbound_without_a_customer_reply_is_named(starter):
    failed = failed_rules(make_conversation(("human_agent", TEN_WORDS), initiated_by=starter))
    assert failed == ("outbound_without_customer_reply", "no_customer_message")


def test_outbound_with_a_customer_reply_is_eligible():
    assert failed_rules(make_conversation(REPLY, HELLO, initiated_by="human_agent")) == ()


def test_every_failed_rule_is_kept():
    failed = failed_rules(make_conversation(("customer", "Hi"), state="open", is_spam=True), "strict")
    assert failed == (
        "not_closed",
        "spam",
        "no_agent_reply",
        "too_few_words",
        "fewer_than_2_customer_messages",
        "fewer_than_2_agent_replies",
    )


@pytest.mark.parametrize(
    ("said", "failed"),
    [
        ((HELLO, REPLY, HELLO, REPLY), ()),
        ((HELLO, REPLY, REPLY), ("fewer_than_2_customer_messages",)),
        ((HELLO, HELLO, REPLY), ("fewer_than_2_agent_replies",)),
        ((HELLO, REPLY), ("fewer_than_2_customer_messages", "fewer_than_2_agent_replies")),
        ((HELLO, REPLY, HELLO, ("ai_agent", "Anything else?")), ()),
    ],
)
def test_strict_wants_a_dialogue_where_inclusive_does_not(said, failed):
    conversation = make_conversation(*said)
    assert failed_rules(conversation, "strict") == failed
    assert failed_rules(conversation, "inclusive") == ()


def test_ratings_and_metadata_change_no_eligibility():
    assert failed_rules(make_conversation(csat_rating=1, csat_remark="awful", tags=("spam",))) == ()
