import pytest

from scoring_ops.claims import Citation
from scoring_ops.evidence import allowed_roles, locate, verify, whole_turn
from scoring_ops.rubric.dimensions import DIMENSIONS
from tests.builders import HELLO, REPLY, cite, make_finding, make_transcript

CUSTOMER = frozenset({"customer"})
ANYBODY = frozenset({"customer", "human_agent", "ai_agent"})


def located(quote, *said, turn=1, roles=ANYBODY):
    return locate(Citation(turn=turn, quote=quote), make_transcript(*said), roles)


def match_kind(quote, text, **place):
    found = located(quote, ("customer", text), **place)
    return None if found is None else found.match_kind


def test_a_verbatim_quote_of_the_cited_turn_is_exact():
    found = located("want my money back", HELLO, REPLY)
    assert found is not None
    assert (found.match_kind, found.kind, found.message_id, found.author_type) == ("exact", "quote", "m0", "customer")
    assert HELLO[1][found.start : found.end] == found.quote == "want my money back"


@pytest.mark.parametrize(
    ("quote", "text", "stored"),
    [
        ("cancel my order", "Please cancel\n  my\torder now", "cancel\n  my\torder"),
        ("cancel my order", "Please cancel my\u00a0order now", "cancel my\u00a0order"),
        ("  cancel my order  ", "Please cancel my order now", "cancel my order"),
        ("fine service", "A ﬁne service indeed", "ﬁne service"),
        ("order 123", "My order １２３ is late", "order １２３"),
        ("caf\u00e9 was closed", "The cafe\u0301 was closed today", "cafe\u0301 was closed"),
        ("cafe\u0301 was closed", "The caf\u00e9 was closed today", "caf\u00e9 was closed"),
        ("한국어 리뷰", "저는 \u1112\u1161\u11ab국어 리뷰", "\u1112\u1161\u11ab국어 리뷰"),
    ],
)
def test_white_space_and_compatible_characters_fold_and_the_original_is_stored(quote, text, stored):
    found = located(quote, ("customer", text))
    assert found is not None
    assert (found.quote, found.match_kind) == (stored, "exact")
    assert text[found.start : found.end] == stored


def test_offsets_count_code_points_of_the_original_text():
    found = located("zu spät", ("customer", "👩‍👩‍👧 ﬃ … e\u0301 viel zu spät"))
    assert found is not None
    assert found.start == len("👩‍👩‍👧 ﬃ … e\u0301 viel ")


def test_half_of_a_ligature_is_never_cut_out():
    assert located("i service", ("customer", "A ﬁ service")) is None
    assert located("so bad s", ("customer", "so bad ㏛")) is None


@pytest.mark.parametrize("turn", [2, 3, 0, -1, 99])
def test_a_quote_in_the_wrong_turn_is_relocated(turn):
    found = located("want my money back", HELLO, REPLY, ("customer", "Thanks a lot"), turn=turn)
    assert found is not None
    assert (found.match_kind, found.turn) == ("relocated", 1)


def test_the_cited_turn_wins_over_an_earlier_one():
    found = located("where is it", ("customer", "So where is it"), REPLY, ("customer", "where is it"), turn=3)
    assert found is not None
    assert (found.match_kind, found.turn) == ("exact", 3)


def test_a_quote_is_not_relocated_to_the_wrong_author():
    assert located("I have refunded you", HELLO, REPLY, turn=1, roles=CUSTOMER) is None
    assert located("I have refunded you", HELLO, REPLY, turn=2, roles=CUSTOMER) is None


@pytest.mark.parametrize(
    ("quote", "text", "stored"),
    [
        ("my parcel has nott arrived yet", "Sadly my parcel has not arrived yet, again", None),
        (
            "my parcell has not arrived yet",
            "Sadly my parcel has not arrived yet, again",
            "my parcel has not arrived yet",
        ),
        (
            "My parcel has not arrived yet",
            "Sadly my parcel has not arrived yet, again",
            "my parcel has not arrived yet",
        ),
        ("the instaler crashed right away", "OK the installer crashed right away.", "the installer crashed right away"),
    ],
)
def test_a_misspelt_quote_is_repaired_to_the_true_words(quote, text, stored):
    found = located(quote, ("customer", text))
    assert (found.quote if found else None) == stored
    assert found is None or (found.match_kind == "repaired" and text[found.start : found.end] == stored)


def test_a_repair_goes_to_the_cited_turn_first():
    said = (("customer", "my parcel has not arrived"), REPLY, ("customer", "my parcel has not arrived"))
    found = located("my parcell has not arrived", *said, turn=3)
    assert found is not None
    assert (found.match_kind, found.turn) == ("repaired", 3)


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("I was not able to log in to my account", "I was able to log in to my account"),
        ("you can refund the whole order today", "you can't refund the whole order today"),
        ("Das Gerät funktioniert seit dem Update nicht", "Das Gerät funktioniert seit dem Update"),
        ("el pedido nunca llegó a mi casa ayer", "el pedido llegó a mi casa ayer"),
        ("这个订单我已经收到了谢谢你们的帮助", "这个订单我没已经收到了谢谢你们的帮助"),
    ],
)
def test_a_repair_neither_adds_nor_drops_a_negation(quote, text):
    assert match_kind(quote, text) is None


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("I have been waiting for 3 weeks now", "I have been waiting for 2 weeks now"),
        ("you charged me 19.99 for the order", "you charged me 199.9 for the order"),
        ("you charged me twice for order 4711", "you charged me twice for order 471"),
        ("I have been waiting for 12 weeks now", "I have been waiting for weeks now"),
    ],
)
def test_a_repair_neither_changes_nor_invents_a_number(quote, text):
    assert match_kind(quote, text) is None


@pytest.mark.parametrize("quote", ["this was never said by anybody", "", "   ", "refund me or I go to court"])
def test_words_that_nobody_said_are_rejected(quote):
    assert located(quote, HELLO, REPLY) is None


def test_a_quote_much_longer_than_the_text_is_rejected():
    assert match_kind("money back " * 50, "money back") is None


@pytest.mark.parametrize(
    ("quote", "text", "kind"),
    [
        ("Terrible", "Terrible service", None),
        ("Terrible", "Terrible", "exact"),
        ("Terrible", "  Terrible \n", "exact"),
        ("Terrible service", "Terrible service, really", "exact"),
        ("谢谢", "好的，谢谢", "exact"),
        ("谢", "好的，谢谢", None),
        ("!!", "What!! Now", None),
        ("🙂", "🙂", "exact"),
    ],
)
def test_a_quote_has_two_words_or_is_the_whole_turn(quote, text, kind):
    assert match_kind(quote, text) == kind


@pytest.mark.parametrize(
    "dimension", ["sentiment", "customer_effort", "strong_emotion", "product_feedback", "policy_feedback", "risk"]
)
def test_what_a_customer_feels_needs_the_customers_words(dimension):
    assert allowed_roles(dimension, make_transcript(HELLO, REPLY)) == {"customer"}


@pytest.mark.parametrize("dimension", ["resolution", "process_fault"])
def test_either_side_proves_what_happened(dimension):
    assert allowed_roles(dimension, make_transcript(HELLO, REPLY)) == ANYBODY


@pytest.mark.parametrize(
    ("agents", "roles"),
    [
        (("human_agent",), {"human_agent"}),
        (("ai_agent",), {"ai_agent"}),
        (("ai_agent", "human_agent"), {"human_agent"}),
    ],
)
def test_service_is_a_persons_or_the_ais_where_it_alone_served(agents, roles):
    transcript = make_transcript(HELLO, *((agent, "I can help you.") for agent in agents))
    assert allowed_roles("service_quality", transcript) == roles


def test_each_kind_of_agent_answers_for_its_own_answers():
    mixed = make_transcript(HELLO, REPLY, ("ai_agent", "I can help you."))
    assert allowed_roles("answer_quality_ai", mixed) == {"ai_agent"}
    assert allowed_roles("answer_quality_human", mixed) == {"human_agent"}


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_dimension_has_somebody_who_can_prove_it(dimension):
    assert allowed_roles(dimension, make_transcript(HELLO, REPLY))


def test_findings_are_parted_into_proven_and_rejected_in_their_order():
    found = [
        make_finding("sentiment", "end:negative", 1, "want my money back", "a"),
        make_finding("sentiment", "end:positive", 2, "I have refunded you today", "b"),
        make_finding("resolution", "resolved", 2, "I have refunded you today", "c"),
        make_finding("risk", "churn", 1, "I am leaving you", "d"),
    ]
    verification = verify(found, make_transcript(HELLO, REPLY))
    assert [item.finding.claim for item in verification.proven] == ["a", "c"]
    assert [item.claim for item in verification.rejected] == ["b", "d"]


def test_one_true_citation_among_false_ones_proves_a_finding():
    finding = make_finding("sentiment", "end:negative", 1, "never said at all")
    finding = finding._replace(citations=finding.citations + cite(1, "want my money back"))
    (proven,) = verify([finding], make_transcript(HELLO, REPLY)).proven
    assert [place.quote for place in proven.evidence] == ["want my money back"]


def test_a_finding_without_citations_is_rejected():
    finding = make_finding("sentiment", "end:negative", 1, "x")._replace(citations=())
    assert verify([finding], make_transcript(HELLO, REPLY)).rejected == (finding,)


def test_computed_evidence_quotes_the_message_without_its_margins():
    turn = make_transcript(("customer", "  Where is it?\n"))[0][0]
    place = whole_turn(turn, "absence")
    assert (place.quote, place.match_kind, place.kind) == ("Where is it?", "computed", "absence")
    assert turn.text[place.start : place.end] == place.quote


def test_computed_evidence_cuts_a_long_message():
    turn = make_transcript(("customer", "word " * 100))[0][0]
    place = whole_turn(turn, "timing", longest=12)
    assert turn.text[place.start : place.end] == place.quote == "word word wo"
