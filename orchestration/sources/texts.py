"""What a person wrote in a helpdesk's message: HTML as text, with quoted history and signatures set apart.

Mail programs mark the history in HTML; in plain text it is known by its header in many languages. Both are found by
libraries (lxml, inscriptis, mail-parser-reply); here it is decided what is cut, and nothing is ever lost.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# lxml and inscriptis ship no types; what leaves this module is typed.

import re
from typing import NamedTuple

from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import html
from lxml.etree import ParserError  # pyright: ignore[reportAttributeAccessIssue]
from mailparser_reply import EmailReplyParser

LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "cs", "ja", "ko", "zh"]
LONGEST_LINE = 200
"""Characters of a line that are looked at for a header: the library's patterns take quadratic time in a line."""
MOST_LINES = 1_000
LONGEST_SIGNATURE = 8
"""Lines. "Thanks," may begin a signature or half of the message."""
_QUOTED = (
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' gmail_quote ')]"
    " | //*[contains(concat(' ', normalize-space(@class), ' '), ' gmail_quote_container ')]"
    " | //*[contains(concat(' ', normalize-space(@class), ' '), ' gmail_signature ')]"
    " | //*[contains(concat(' ', normalize-space(@class), ' '), ' moz-cite-prefix ')]"
    " | //*[contains(concat(' ', normalize-space(@class), ' '), ' moz-signature ')]"
    " | //*[contains(concat(' ', normalize-space(@class), ' '), ' yahoo_quoted ')]"
    " | //*[contains(concat(' ', normalize-space(@class), ' '), ' protonmail_quote ')]"
    " | //*[contains(concat(' ', normalize-space(@class), ' '), ' zmail_extra ')]"
    " | //blockquote[@type='cite']"
    " | //*[@id='divRplyFwdMsg'] | //*[@id='divRplyFwdMsg']/following-sibling::*"
    " | //*[@id='appendonsend']/following-sibling::*"
    " | //*[@id='mail-editor-reference-message-container']"
    " | //*[@id='Signature']"
)
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACES = re.compile(r"[^\S\n]+")
_PARSER = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)


class Said(NamedTuple):
    """A message: what was said in it, and what it repeats or signs with; each may be empty."""

    text: str
    quoted: str


def plain(text: str) -> Said:
    """A message in plain text that repeats nothing."""
    return Said(_tidy(text), "")


def mail(text: str) -> Said:
    """A mail in plain text."""
    return split_reply(_tidy(text))


def rich(markup: str, *, is_mail: bool = False) -> Said:
    """A message in HTML. In a mail, history and signature are set apart."""
    if "<" not in markup and "&" not in markup:
        return mail(markup) if is_mail else plain(markup)
    tree = _parsed(markup)
    if tree is None:
        return Said("", "")
    cut = _cut(tree) if is_mail else []
    whole = _text_of(tree)
    if not is_mail:
        return Said(whole, "")
    reply, quoted = split_reply(whole)
    if not reply and cut:  # nothing but what a mail program marked as history: it is what was sent
        return Said(_text_of(_parsed(markup)), "")
    return Said(reply, "\n\n".join(part for part in (quoted, *cut) if part))


def html_to_text(markup: str) -> str:
    """The visible text of HTML: a line for a block, a bullet for an item of a list, no script or style."""
    return rich(markup).text


def split_reply(text: str) -> Said:
    """The newest part of a mail in plain text, and the history and signature below it.

    Where no history is found, or everything would be, the text stays whole.
    """
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        return Said(text, "")
    skeleton = "\n".join(line[:LONGEST_LINE] for line in lines)
    newest = EmailReplyParser(languages=LANGUAGES).read(skeleton).replies[0]
    kept = _lines_kept(lines, newest.full_body)
    unsigned = _lines_kept(lines[:kept], newest.body)
    if 0 < unsigned < kept and kept - unsigned <= LONGEST_SIGNATURE:
        kept = unsigned
    reply = "\n".join(lines[:kept]).strip()
    return Said(reply, "\n".join(lines[kept:]).strip()) if reply else Said(text, "")


def _lines_kept(lines: list[str], reply: str) -> int:
    """How many of the lines the reply covers; all where it is no beginning of them."""
    wanted = [line.strip() for line in reply.split("\n") if line.strip()]
    found = 0
    for number, line in enumerate(lines):
        if found == len(wanted):
            return number
        shown = line[:LONGEST_LINE].strip()
        if not shown:
            continue
        if shown != wanted[found]:
            return len(lines)
        found += 1
    return len(lines)


def _parsed(markup: str) -> "html.HtmlElement | None":
    content = markup.replace("\0", "").encode("utf-8", "replace")
    try:
        return html.document_fromstring(content, parser=_PARSER)
    except (ParserError, ValueError):  # nothing in it but comments or space
        return None


def _cut(tree: "html.HtmlElement") -> list[str]:
    """Takes what is marked as history or signature out of the tree; returns its text, in order."""
    found: list[str] = []
    for element in tree.xpath(_QUOTED):
        if tree in element.iterancestors():  # else it went with one around it
            found.append(_text_of(element))
            element.drop_tree()
    return [text for text in found if text]


def _text_of(tree: "html.HtmlElement | None") -> str:
    if tree is None:
        return ""
    try:
        text = Inscriptis(tree, ParserConfig(display_images=True)).get_text()
    except RecursionError:
        text = tree.text_content()
    return _tidy(text)


def _tidy(text: str) -> str:
    """No NUL, no trailing or repeated spaces, no leading ones, at most one blank line in a row."""
    lines = (_SPACES.sub(" ", line).strip() for line in text.replace("\0", "").replace("\r\n", "\n").split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
