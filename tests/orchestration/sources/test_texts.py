"""HTML and mails as text: what a person wrote is read, what they quote or sign with is set apart, nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.sources.texts import html_to_text, mail, rich, split_reply

GMAIL = (
    '<div dir="ltr">Hello,<br><br>it is still <b>not</b> here.<div>Please help &amp; call.</div></div><br>'
    '<div class="gmail_quote"><div class="gmail_attr">On Mon, Mar 2, 2026 at 10:14 AM Acme &lt;help@acme.example&gt; '
    'wrote:<br></div><blockquote class="gmail_quote"><div>How can we help?</div></blockquote></div>'
)
OUTLOOK = (
    '<html><body><div>Thanks, that fixed it.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">'
    "<b>From:</b> Acme<br><b>Sent:</b> Monday<br><b>To:</b> me<br><b>Subject:</b> Re: order</div>"
    "<div>Please restart.</div></body></html>"
)
APPLE = (
    '<body>No, it does not.<br><div><br><blockquote type="cite"><div>On 2 Mar 2026, at 10:14, Acme wrote:</div>'
    "<div>Does it work?</div></blockquote></div></body>"
)


@pytest.mark.parametrize(
    ("markup", "text", "quoted"),
    [
        (GMAIL, "Hello,\n\nit is still not here.\nPlease help & call.", "How can we help?"),
        (OUTLOOK, "Thanks, that fixed it.", "Please restart."),
        (APPLE, "No, it does not.", "Does it work?"),
    ],
)
def test_what_mail_programs_mark_as_history_is_set_apart_once(markup: str, text: str, quoted: str) -> None:
    found = rich(markup, is_mail=True)
    assert found.text == text
    assert found.quoted.count(quoted) == 1
    assert quoted in rich(markup).text  # in a chat nothing is cut


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("No.\n\nOn 2 Mar 2026, at 10:14, Acme <a@b.example> wrote:\n\n> Does it work?", "No."),
        (
            "Es geht nicht.\n\nAm Mo., 2. März 2026 um 10:14 Uhr schrieb Acme <a@b.example>:\n\n> Neu starten?",
            "Es geht nicht.",
        ),
        (
            "Ça ne marche pas.\n\nLe lun. 2 mars 2026 à 10:14, Acme <a@b.example> a écrit :\n> Oui ?",
            "Ça ne marche pas.",
        ),
        (
            "Please cancel.\n\n-----Original Message-----\nFrom: Acme\nSent: Monday\nTo: me\nSubject: x\n\nHi",
            "Please cancel.",
        ),
        ("It works now.\n\n-- \nMaria Huber\nACME Inc.", "It works now."),
        ("No.\n\nSent from my iPhone", "No."),
    ],
)
def test_history_and_signatures_of_plain_mails_are_set_apart(text: str, reply: str) -> None:
    found = mail(text)
    assert found.text == reply
    assert found.quoted


@pytest.mark.parametrize(
    "text",
    [
        "Hi, you wrote: From: yesterday it was ok. Thanks",
        "> Does it work?\n\nNo, it does not.",
        "Thanks for your help.\nBut the order is late.",
        "Hello\nThanks,\n" + "\n".join(f"line {n} of a long complaint" for n in range(12)),
    ],
)
def test_what_is_no_history_stays_in_the_message(text: str) -> None:
    assert mail(text) == (text, "")


def test_blocks_lists_and_scripts_become_what_is_seen() -> None:
    seen = html_to_text("<p>a</p><ul><li>b</li><li>c</li></ul><script>x()</script><style>p{}</style><!-- n -->d")
    assert seen.split() == ["a", "*", "b", "*", "c", "d"]


@pytest.mark.parametrize("markup", ["", " ", "<!-- -->", "<p></p>", "\0"])
def test_nothing_is_nothing(markup: str) -> None:
    assert html_to_text(markup) == ""


def test_deep_markup_is_read() -> None:
    assert html_to_text("<div>" * 2000 + "deep" + "</div>" * 2000) == "deep"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_is_kept_whole_between_reply_and_quotation(text: str) -> None:
    found = split_reply(text)
    kept = "".join((found.text + found.quoted).split())
    assert kept == "".join(text.split())


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_markup_becomes_text_without_nul(markup: str) -> None:
    assert "\0" not in rich(markup, is_mail=True).text
