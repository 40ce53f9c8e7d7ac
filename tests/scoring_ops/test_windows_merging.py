"""Merged claims: what each dimension of a long conversation says when its parts were judged one by one."""

from functools import partial
from itertools import permutations

import pytest

from scoring_ops import claims as c
from scoring_ops.claims import Citation, Claims, IssueClaim
from scoring_ops.matching import same_wording
from scoring_ops.merging import merge
from tests.builders import cite, make_claims, make_sentiment
from tests.scoring_ops.parts_builder import issue, merged, window


def with_issues(*issues: IssueClaim) -> Claims:
    return make_claims(issues=issues)


def told(claims: Claims) -> list[tuple[str, str]]:
    return [(claim.issue, claim.status) for claim in claims.issues]


def test_an_issue_ends_with_its_last_status_in_its_first_wording_proven_by_that_status() -> None:
    result = merged(
        with_issues(issue("Refund of the order", "unresolved", 3, "no money yet")),
        with_issues(issue("refund of the  ORDER", "unclear", 14, "we check it")),
        with_issues(issue("refund of the orders", "resolved", 25, "the money is there")),
    )
    assert told(result) == [("Refund of the order", "resolved")]
    assert result.issues[0].evidence == cite(25, "the money is there")


def test_quotes_of_the_same_status_stand_behind_the_last_one() -> None:
    result = merged(
        with_issues(issue("refund", "unresolved", 3, "no money yet")),
        with_issues(issue("refund", "unresolved", 14, "still no money")),
    )
    assert [citation.turn for citation in result.issues[0].evidence] == [14, 3]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("refund of order 4711", "refund of order 4712"),
        ("parcel has arrived", "parcel has not arrived"),
        ("late parcel", "wrong invoice address"),
        ("订单一的退款没有到账", "换货地址填错了"),
    ],
)
def test_issues_that_differ_in_words_a_number_or_a_negation_stay_two(one: str, other: str) -> None:
    result = merged(
        with_issues(issue(one, "resolved", 3, "both orders")), with_issues(issue(other, "unresolved", 13, "x y"))
    )
    assert told(result) == [(one, "resolved"), (other, "unresolved")]


def test_chinese_issues_of_equal_wording_are_one() -> None:
    result = merged(
        with_issues(issue("退款两周还没有到账", "unresolved", 3)),
        with_issues(issue("退款两周还没有到账。", "resolved", 13)),
    )
    assert told(result) == [("退款两周还没有到账", "resolved")]


def test_issues_that_cite_the_same_words_are_one_however_they_are_worded() -> None:
    result = merged(
        with_issues(issue("double charge", "unclear", 10, "I was charged twice for it")),
        with_issues(issue("wants money back", "resolved", 10, "charged  TWICE"), issue("login", "unclear", 12)),
    )
    assert [name for name, _ in told(result)] == ["double charge", "login"]


def test_two_issues_of_one_part_never_become_one_and_the_more_alike_wording_wins() -> None:
    both = "I have refunded you and changed the address"
    result = merged(
        with_issues(issue("refund", "resolved", 9, both), issue("change of address", "resolved", 9, both)),
        with_issues(issue("address change", "unresolved", 15, both), issue("refund", "resolved", 10, both)),
        with_issues(issue("changes of address", "unclear", 25)),
    )
    assert told(result) == [("refund", "resolved"), ("change of address", "unclear")]


def test_a_status_that_rests_on_repeated_turns_alone_does_not_come_later() -> None:
    result = merged(
        with_issues(issue("refund", "resolved", 9, "it is paid")),
        with_issues(issue("refund", "unclear", 10, "let me see")),
    )
    assert told(result) == [("refund", "resolved")]


def test_an_issue_without_a_quote_does_not_overrule_one_with_a_quote() -> None:
    unproven = IssueClaim(issue="refund", status="unresolved", evidence=())
    assert told(merged(with_issues(issue("refund", "resolved", 9)), with_issues(unproven)))[0][1] == "resolved"


def test_sentiment_starts_with_the_first_part_that_shows_it_and_ends_with_the_last() -> None:
    parts = [
        make_claims(sentiment=make_sentiment("neutral", start="not_detectable")),
        make_claims(sentiment=make_sentiment("negative", turn=14, start="negative")),
        make_claims(sentiment=make_sentiment("very_positive", turn=24, start="positive")),
        make_claims(sentiment=make_sentiment("not_detectable", turn=34, start="neutral")),
        make_claims(),
    ]
    sentiment = merged(*parts).sentiment
    assert sentiment is not None
    assert (sentiment.start, sentiment.start_evidence[0].turn) == ("negative", 14)
    assert (sentiment.end, sentiment.end_evidence[0].turn) == ("very_positive", 24)
    assert merged(make_claims(), make_claims()).sentiment is None
    nowhere = merged(*[make_claims(sentiment=make_sentiment("not_detectable", start="not_detectable"))] * 2).sentiment
    assert nowhere is not None
    assert (nowhere.start, nowhere.end, nowhere.end_evidence) == ("not_detectable", "not_detectable", ())


def tone(rating: int, turn: int) -> Claims:
    return make_claims(service_quality=(c.ServiceClaim(aspect="tone", rating=rating, evidence=cite(turn, "my words")),))


@pytest.mark.parametrize(
    ("ratings", "rating", "turns"),
    [
        ((4, 4, 5), 4, [5, 15, 25]),
        ((5, 4), 4, [15, 5]),
        ((3, 4), 3, [5, 15]),
        ((5, 5, 5, 2), 2, [35]),
        ((5, 1, 5, 5), 2, [15]),
        ((1, 1, 2), 1, [5, 15, 25]),
    ],
)
def test_service_is_the_mean_of_the_parts_and_one_lapse_keeps_it_poor(
    ratings: tuple[int, ...], rating: int, turns: list[int]
) -> None:
    (service,) = merged(*(tone(given, 10 * n + 5) for n, given in enumerate(ratings))).service_quality
    assert service.rating == rating
    assert [citation.turn for citation in service.evidence] == turns


@pytest.mark.parametrize(
    ("ratings", "rating"), [((5, 5, 4), 5), ((5, 4), 4), ((5, 5, 2), 3), ((2, 2, 3), 2), ((1, 1, 5), 2)]
)
def test_answers_are_the_mean_of_the_parts_and_at_best_usable_where_one_failed(
    ratings: tuple[int, ...], rating: int
) -> None:
    answers = [
        c.AnswerQualityClaim(rating=given, faults=("unclear", "incomplete")[: 5 - given], evidence=cite(n, "my words"))
        for n, given in enumerate(ratings)
    ]
    result = merged(*(make_claims(answer_quality_human=answer) for answer in answers), make_claims())
    assert result.answer_quality_human is not None
    assert result.answer_quality_human.rating == rating
    assert result.answer_quality_ai is None
    assert len(result.answer_quality_human.faults) == len(set(result.answer_quality_human.faults))


def test_a_part_weighs_as_much_as_it_has_new_turns() -> None:
    long, short = window(1, 2, fresh=90), window(2, 2, fresh=10)
    assert merge([tone(5, 3), tone(3, 95)], [long, short]).service_quality[0].rating == 5
    assert merge([tone(3, 3), tone(5, 95)], [long, short]).service_quality[0].rating == 3


def test_effort_is_the_highest_level_proven_by_its_own_words_with_the_drivers_of_all() -> None:
    def effort(level: str, driver: str, turn: int) -> Claims:
        claim = {"level": level, "drivers": [driver], "evidence": [{"turn": turn, "quote": "third time"}]}
        return make_claims(customer_effort=c.EffortClaim.model_validate(claim))

    result = merged(effort("moderate", "chasing", 3), effort("high", "repeating", 13), make_claims())
    assert result.customer_effort is not None
    assert result.customer_effort.level == "high"
    assert result.customer_effort.drivers == ("chasing", "repeating")
    assert result.customer_effort.evidence == cite(13, "third time")


def test_a_feeling_or_a_risk_is_one_however_often_it_is_said() -> None:
    parts = [
        make_claims(
            strong_emotion=(c.EmotionClaim(sign="negative", emotion="anger", evidence=cite(turn, "outrage this is")),),
            risk=(c.RiskClaim(kind="churn", evidence=cite(turn, "I will leave")),),
        )
        for turn in (3, 13, 23)
    ]
    result = merged(*parts)
    assert [[citation.turn for citation in entry.evidence] for entry in result.strong_emotion] == [[3, 13, 23]]
    assert [[citation.turn for citation in entry.evidence] for entry in result.risk] == [[3, 13, 23]]


def test_a_fault_is_one_for_each_event() -> None:
    fault = partial(c.FaultClaim, kind="repeated_explanation")
    asked = "what is your order number"
    result = merged(
        make_claims(process_fault=(fault(evidence=cite(10, asked)),)),
        make_claims(process_fault=(fault(evidence=cite(10, f"And {asked}?")), fault(evidence=cite(17, asked)))),
    )
    assert [len(entry.evidence) for entry in result.process_fault] == [2, 1]


def test_feedback_is_one_for_each_point_at_its_highest_severity() -> None:
    def bug(statement: str, severity: str, turn: int, kind: str = "bug") -> Claims:
        fields = {"sign": "negative", "kind": kind, "area": "app", "statement": statement, "severity": severity}
        evidence = [{"turn": turn, "quote": "logs me out"}]
        claim = c.ProductFeedbackClaim.model_validate({**fields, "evidence": evidence})
        return make_claims(product_feedback=(claim,))

    parts = [
        bug("The app logs the customer out.", "low", 3),
        bug("The app logs the customer out", "high", 13),
        bug("The app loses orders", "low", 23),
        bug("The app logs the customer out", "low", 33, kind="usability"),
    ]
    feedback = merged(*parts).product_feedback
    assert [(entry.kind, entry.severity) for entry in feedback] == [
        ("bug", "high"),
        ("bug", "low"),
        ("usability", "low"),
    ]
    assert [citation.turn for citation in feedback[0].evidence] == [13, 3]
    assert feedback[0].statement == "The app logs the customer out."


def test_too_many_entries_leave_each_part_its_share() -> None:
    faults = [
        [c.FaultClaim(kind="unanswered", evidence=cite(10 * n + 1, f"{n} of {k} asked")) for k in range(30)]
        for n in range(5)
    ]
    result = merged(*(make_claims(process_fault=tuple(entries)) for entries in faults))
    turns = [entry.evidence[0].turn for entry in result.process_fault]
    assert turns == sorted([1, 11, 21, 31, 41] * 8)


def test_quotes_of_one_part_do_not_crowd_out_those_of_another() -> None:
    many = tuple(Citation(turn=n, quote=f"quote {n}") for n in range(1, 9))
    risks = [c.RiskClaim(kind="legal", evidence=many), c.RiskClaim(kind="legal", evidence=cite(15, "my lawyer"))]
    evidence = merged(*(make_claims(risk=(risk,)) for risk in risks)).risk[0].evidence
    assert [citation.turn for citation in evidence] == [1, 15, 2, 3, 4]


@pytest.mark.parametrize(
    ("first", "last", "summary"),
    [
        ("A refund was wanted. It was promised.", "More was asked. It was paid.", "A refund was wanted. It was paid."),
        ("顾客要求退款。客服答应了。", "客服又查了一次。退款已到账。", "顾客要求退款。 退款已到账。"),
        ("One", "One", "One"),
        ("", " ", ""),
    ],
)
def test_without_another_answer_the_summary_is_how_it_began_and_how_it_ended(
    first: str, last: str, summary: str
) -> None:
    parts = [make_claims(summary=first), make_claims(summary="In between."), make_claims(summary=last)]
    assert merged(*parts).summary == summary


def test_language_is_that_of_most_parts_and_the_rating_their_mean() -> None:
    parts = [
        make_claims(language=language, judge_rating=rating) for language, rating in (("de", 1), ("en", 2), ("en", 2))
    ]
    for order in permutations(parts):
        assert merged(*order).language == "en"
        assert merged(*order).judge_rating == 2
    assert merged(make_claims(judge_rating=2), make_claims(judge_rating=5)).judge_rating == 3


def test_claims_and_windows_must_be_as_many() -> None:
    for parts, cut in (([], []), ([make_claims()] * 2, [window(1, 1)])):
        with pytest.raises(ValueError, match="windows"):
            merge(parts, cut)


@pytest.mark.parametrize(
    "pair", [("no refund", "refund"), ("order 1", "order 2"), ("able to log in", "unable to log in")]
)
def test_wordings_of_opposite_meaning_are_never_alike(pair: tuple[str, str]) -> None:
    assert same_wording(*pair) == same_wording(*reversed(pair)) == 0
