"""What the local judge claims about small conversations, dimension by dimension."""

import pytest

from scoring_ops.claims import Claims
from scoring_ops.judges.local.judge import claims_about
from scoring_ops.transcript import Transcript, Turn, transcript_hash

AUTHORS = {"C": "customer", "A": "ai_agent", "H": "human_agent"}


def judged(*lines: str) -> Claims:
    """The claims about lines such as "C: my phone is broken"."""
    turns = tuple(
        Turn(n, f"m{n}", AUTHORS[line[0]], line[2:].strip(), None)  # pyright: ignore[reportArgumentType]
        for n, line in enumerate(lines, start=1)
    )
    kinds = {turn.author_type for turn in turns} - {"customer"}
    mix = (
        "mixed" if len(kinds) > 1 else {"ai_agent": "ai_only", "human_agent": "human_only"}.get("".join(kinds), "none")
    )
    return claims_about(Transcript(turns, transcript_hash(turns), mix))


def statuses(claims: Claims) -> list[str]:
    return [issue.status for issue in claims.issues]


ASKED = "C: My invoice from May shows the wrong amount"


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (["H: I have corrected it.", "C: It works now, thank you!"], "resolved"),
        (["H: I have corrected it."], "resolved"),
        (["H: I have corrected it.", "C: It is still not fixed"], "unresolved"),
        (["H: Please try again later.", "C: That didn't help at all."], "unresolved"),
        (["H: We will look into it and get back to you."], "unclear"),
        (["H: We will look into it.", "C: Ok, thanks"], "unclear"),
        (["H: That is not possible with your plan.", "C: Ok, thanks"], "partly_resolved"),
        (["H: That is not possible with your plan.", "C: Thanks anyway"], "unresolved"),
        (["H: Please check the portal.", "C: And where would I find that?"], "unresolved"),
        (["C: Hello?"], "unclear"),
    ],
)
def test_the_end_of_a_conversation_decides_the_resolution(end: list[str], status: str):
    assert statuses(judged(ASKED, *end)) == [status]


def test_a_second_issue_is_judged_apart():
    claims = judged(
        "C: I cannot log in to my account",
        "A: I have reset your password.",
        "C: That worked, thanks. Another question: can I export my invoices?",
        "A: Unfortunately that is not possible.",
    )
    assert statuses(claims) == ["resolved", "unresolved"]


def test_a_greeting_is_not_the_issue():
    assert (
        judged("C: Hello there!", "A: Hi, how can I help?", "C: My parcel is lost").issues[0].issue
        == "My parcel is lost"
    )


def test_the_end_weighs_more_than_the_start():
    anger, thanks = "This is outrageous, I am furious!", "Perfect, it works now. Thank you so much!"
    better = judged(f"C: {anger}", "H: I have fixed it.", f"C: {thanks}").sentiment
    worse = judged(f"C: {thanks}", "H: I have removed it.", f"C: {anger}").sentiment
    assert better is not None
    assert worse is not None
    assert (better.start, better.end) == ("very_negative", "positive")
    assert (worse.start, worse.end) == ("positive", "very_negative")


def test_polite_thanks_in_the_opening_are_not_gratitude():
    assert judged("C: Please send me my invoice. Many thanks!", "H: Which month do you need?").strong_emotion == ()


def test_mockery_is_not_praise():
    sentiment = judged(
        "C: My line is dead", "H: Please be patient.", "C: Great service huh, thanks for nothing"
    ).sentiment
    assert sentiment is not None
    assert sentiment.end in {"negative", "very_negative"}


def test_praise_right_after_a_refusal_is_doubted():
    refused = judged(ASKED, "H: I'm afraid we cannot refund that.", "C: Wonderful.").sentiment
    solved = judged(ASKED, "H: I have refunded you.", "C: Wonderful.").sentiment
    assert refused is not None
    assert solved is not None
    assert (refused.end, solved.end) == ("neutral", "very_positive")


def test_a_question_above_a_signature_is_still_a_question():
    letter = "C: And where would I find that?\n\nKind regards,\nYasmin"
    assert statuses(judged(ASKED, "H: Please check the portal.", letter)) == ["unresolved"]


def test_strong_emotions_of_both_signs_are_claimed():
    claims = judged("C: You are a bunch of liars!", "H: I have refunded you.", "C: Wow, that is amazing, I love it!")
    assert {(c.sign, c.emotion) for c in claims.strong_emotion} == {("negative", "anger"), ("positive", "delight")}


def test_a_repeated_message_is_effort():
    text = "C: My order 1234 has the wrong colour"
    claims = judged(text, "H: How can I help you today?", f"{text}!", "H: Could you give me your order number?")
    assert claims.customer_effort is not None
    assert claims.customer_effort.drivers == ("repeating",)


@pytest.mark.parametrize(
    ("opening", "text", "driver"),
    [
        ("My invoice is wrong", "Any update on this? I am still waiting", "chasing"),
        ("Meine Rechnung ist falsch", "Gibt es Neuigkeiten? Ich warte immer noch", "chasing"),
        ("Mi factura está mal", "¿Hay novedades? Sigo esperando una respuesta", "chasing"),
        ("我的订单有问题", "请问有进展吗？我还在等", "chasing"),
        ("My invoice is wrong", "As I said, I already sent you the photos", "repeating"),
        ("My invoice is wrong", "I want to speak to a human", "handoffs"),
    ],
)
def test_chasing_repeating_and_handoffs_are_effort(opening: str, text: str, driver: str):
    effort = judged(f"C: {opening}", "A: We received your message.", f"C: {text}").customer_effort
    assert effort is not None
    assert driver in effort.drivers
    assert effort.level in {"moderate", "high"}


def test_a_quick_solution_is_low_effort():
    effort = judged(ASKED, "H: I have corrected it.", "C: Perfect, thank you!").customer_effort
    assert effort is not None
    assert effort.level == "low"


def test_an_agent_that_asks_twice_makes_the_customer_explain_again():
    ask = "A: Could you provide your order number, please?"
    claims = judged(ASKED, ask, "C: It is 4711", ask, "C: 4711, as above")
    assert "repeated_explanation" in {fault.kind for fault in claims.process_fault}


def test_a_broken_promise_is_a_contradiction():
    claims = judged(ASKED, "H: That takes 14 days.", "C: Your colleague said two days, this is ridiculous")
    assert "contradiction" in {fault.kind for fault in claims.process_fault}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I will cancel my subscription today", "churn"),
        ("Dann werde ich den Vertrag kündigen", "churn"),
        ("Me voy a dar de baja, quiero cancelar el contrato", "churn"),
        ("我要注销账号，再也不用了", "churn"),
        ("Another provider is cheaper", "competitor"),
        ("You will hear from my lawyer", "legal"),
        ("Who leaked my personal data to them?", "privacy"),
        ("I lost my job and can't afford this", "vulnerable"),
        ("You idiots, shut up", "abusive"),
    ],
)
def test_explicit_risks_are_claimed(text: str, kind: str):
    assert kind in {risk.kind for risk in judged(f"C: {text}", "H: I understand.").risk}


def test_a_calm_conversation_has_no_risk_and_no_fault():
    claims = judged(ASKED, "H: I have corrected it.", "C: Thank you")
    assert (claims.risk, claims.process_fault) == ((), ())


def test_product_feedback_names_kind_and_area():
    crash = judged("C: The app crashes every time I open it", "H: Thank you for telling us.").product_feedback[0]
    assert (crash.sign, crash.kind, crash.area) == ("negative", "stability", "app")
    wish = judged("C: Please add a filter to the search, there is no option for it", "H: Noted.").product_feedback[0]
    assert (wish.sign, wish.kind) == ("negative", "feature")


def test_praise_of_the_service_is_positive_feedback():
    claims = judged(ASKED, "H: I have corrected it.", "C: Excellent customer service, thank you!")
    assert ("positive", "service") in {(c.sign, c.kind) for c in claims.product_feedback}


def test_policy_feedback_names_the_policy():
    claim = judged("C: Your return policy is terrible", "H: I am sorry to hear that.").policy_feedback[0]
    assert (claim.sign, claim.policy) == ("negative", "return")


def test_a_rude_agent_has_a_bad_tone():
    claims = judged(ASKED, "H: Calm down, that is not our problem.", "C: What?")
    assert {(c.aspect, c.rating) for c in claims.service_quality} == {("tone", 2)}


def test_an_agent_that_does_not_know_is_no_good_answer():
    claims = judged(ASKED, "A: I am sorry, I don't understand your question.", "C: What do you mean?")
    assert claims.answer_quality_ai is not None
    assert claims.answer_quality_ai.rating <= 2
    assert claims.answer_quality_human is None


def test_the_same_answer_twice_is_incomplete():
    answer = "H: The amount is calculated from your usage in the billing period."
    quality = judged(ASKED, answer, "C: But I used nothing", answer).answer_quality_human
    assert quality is not None
    assert "incomplete" in quality.faults


def test_a_welcomed_solution_is_a_good_answer():
    quality = judged(ASKED, "A: I have corrected your invoice.", "C: Perfect, thanks!").answer_quality_ai
    assert quality is not None
    assert quality.rating >= 4


def test_the_summary_has_two_sentences_of_facts():
    summary = judged(ASKED, "A: I have corrected it.", "C: Thank you!").summary
    assert summary == (
        'The customer contacted the AI agent about "My invoice from May shows the wrong amount". '
        "The matter ended resolved after 2 customer messages and 1 reply."
    )


def test_the_judges_own_rating_follows_the_experience():
    good = judged(ASKED, "H: I have corrected it.", "C: Perfect, thank you so much!").judge_rating
    bad = judged(ASKED, "H: Please wait.", "C: Still not fixed. I am furious, this is a scam!").judge_rating
    assert (good, bad) == (5, 1)
