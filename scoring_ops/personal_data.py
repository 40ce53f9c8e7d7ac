"""What counts as personal in a text, apart from phone numbers and national ids: one detector for each other kind.

A detector gives the places of its kind and checks what can be checked: Luhn, mod 97, addresses that parse. `DETECTORS`
has all of them in the order they are asked. What becomes of the places is `privacy.py`'s. A new kind is a function
and a row of `DETECTORS`. Every pattern runs in time linear in the text.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from scoring_ops.national_ids import find_national_ids
from scoring_ops.phones import find_phone_numbers

Places = Iterator[tuple[int, int]]


class Detector(NamedTuple):
    """One kind of personal data; `find(text, language)` gives the places of it, in order and without overlap.

    A text with fewer digits than `fewest_digits` is not searched: counting them costs a microsecond, searching ten.
    """

    kind: str
    fewest_digits: int
    find: Callable[[str, str | None], Places]


_DIGITS = re.compile(r"\d+")
_DIGIT_OR_AT = re.compile(r"[\d@＠]")
_AT = ("@", "＠", "(at)", "[at]")
_KEY_BLOCK = "-----BEGIN"


def may_hold_personal_data(text: str) -> bool:
    """False where no detector can find anything: most texts, in a microsecond."""
    if _DIGIT_OR_AT.search(text) is not None or "://" in text or _KEY_BLOCK in text:
        return True
    return "(at)" in text or "[at]" in text


def places_of(text: str, language: str | None) -> tuple[str, list[tuple[int, int]]]:
    """The first kind of personal data in the text and where it is; no places where there is none."""
    if may_hold_personal_data(text):
        digits = sum(map(len, _DIGITS.findall(text)))
        for detector in DETECTORS:
            if digits >= detector.fewest_digits and (places := list(detector.find(text, language))):
                return detector.kind, places
    return "", []


_ENCLOSING = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[^-]*+-----END [A-Z ]{0,40}-----|(?:\s{1,4}[A-Za-z0-9+/=]{16,})*+)"
    r"|(?<=://)[^\s/:@\[\]]{1,64}:[^\s/@\[\]]{1,128}(?=@)"
)
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"
    r"|(?:sk|pk|rk)[-_](?=[\w-]{0,60}?\d)[\w-]{16,}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|npm_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{30,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{35}|xox[abeprs]-[\w-]{10,}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r")(?![A-Za-z0-9])"
)
_TOKEN_SIGNS = (
    "eyJ", "sk-", "sk_", "pk-", "pk_", "rk-", "rk_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-",
    "npm_", "hf_", "AKIA", "ASIA", "AIza", "xox", "SG.",
)  # fmt: skip
_NAMES = ("bearer", "basic", "key", "token", "secret", "passw", "pwd", "kennwort", "contraseña", "密")
_NAMED_SECRET = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:bearer|basic)\s{1,3}"
    r"|(?:api[ _-]?key|access[ _-]?key|(?:access|auth|refresh|api)[ _-]?token|(?:client[ _-]?)?secret(?:[ _-]?access)?"
    r"(?:[ _-]?key)?|password|passwd|pwd|passwort|kennwort|contraseña|密码|密碼)"
    r"(?:[\"']?\s{0,3}[:=：]\s{0,3}|\s{1,3}(?:is|ist|es)\s{1,3}))[\"']?"
    r"(?P<value>(?=[^\s\"']{0,60}?\d)[A-Za-z0-9._~+/=!#$%^&*?-]{6,})",
    re.IGNORECASE,
)
_SHORTEST_BEARER = 16


def _enclosing(text: str, _: str | None) -> Places:
    if _KEY_BLOCK in text or "://" in text:
        yield from (match.span() for match in _ENCLOSING.finditer(text))


def _tokens(text: str, _: str | None) -> Places:
    if any(sign in text for sign in _TOKEN_SIGNS):
        yield from (match.span() for match in _TOKEN.finditer(text))


def _named_secrets(text: str, _: str | None) -> Places:
    lowered = text.lower()
    for match in _NAMED_SECRET.finditer(text) if any(name in lowered for name in _NAMES) else ():
        start, end = match.span("value")
        if match.group()[0] not in "bB" or end - start >= _SHORTEST_BEARER:
            yield start, end


# Chinese is written up against an address: only scripts with capitals belong to one.
_LETTER = "A-Za-z0-9À-ɏͰ-ϿЀ-ӿ"
_EMAIL = re.compile(
    rf"(?<![{_LETTER}._%+-])[{_LETTER}_%+][{_LETTER}._%+'’-]{{0,127}}+(?:[@＠]|\s?[(\[]at[)\]]\s?)"
    rf"(?:[{_LETTER}-]{{1,63}}\.){{1,8}}(?!(?:png|jpe?g|gif|svg|webp|css|js|html?)(?![{_LETTER}]))"
    r"[A-Za-zÀ-ɏͰ-ϿЀ-ӿ]{2,24}",
    re.IGNORECASE,
)


def _emails(text: str, _: str | None) -> Places:
    if any(sign in text for sign in _AT):
        yield from (match.span() for match in _EMAIL.finditer(text))


# Length of an IBAN by country: words may follow it that could be part of a longer one.
_IBAN_LENGTHS = {
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL FK SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_LENGTH_BY_COUNTRY = {country: length for length, names in _IBAN_LENGTHS.items() for country in names.split()}
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})[0-9]{2}(?=[ \u00a0-]?[A-Za-z0-9])")


def _ibans(text: str, _: str | None) -> Places:
    last = 0
    for start in _IBAN_START.finditer(text):
        length = _LENGTH_BY_COUNTRY.get(start[1].upper())
        whole = _iban_of(length).match(text, start.start()) if length and start.start() >= last else None
        if whole and _is_iban(whole.group()):
            last = whole.end()
            yield whole.span()


@cache
def _iban_of(length: int) -> re.Pattern[str]:
    return re.compile(rf"[A-Za-z](?:[ \u00a0-]?[A-Za-z0-9]){{{length - 1}}}(?![A-Za-z0-9])")


def _is_iban(written: str) -> bool:
    plain = "".join(c for c in written.upper() if c.isalnum())
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


# Cards are written in groups of three digits and more; shorter ones beside them are expiry dates and counts.
_CARD_RUN = re.compile(r"(?<![A-Za-z0-9])\d{3,}+(?:[ .\u00a0-]\d{3,}+)*+")
_CARD_LENGTHS = range(13, 20)
# Visa; Mastercard; American Express; Diners; Discover, UnionPay, Maestro; JCB; Mir. Other numbers that pass Luhn by
# chance (one in ten) are taken for orders, devices and parcels.
_ISSUER = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}"
    r"|(?:6(?:011|4|5|2|[0378])|50|5[6-8])\d{10,17}|35\d{14}"
)


def _cards(text: str, _: str | None) -> Places:
    for run in _CARD_RUN.finditer(text):
        if run.end() - run.start() >= _CARD_LENGTHS.start:
            groups = [group.span() for group in _DIGITS.finditer(text, run.start(), run.end())]
            glued = text[run.end() : run.end() + 1]
            yield from _cards_in(text, groups[:-1] if glued.isascii() and glued.isalnum() else groups)


def _cards_in(text: str, groups: list[tuple[int, int]]) -> Places:
    """Cards made of whole groups of digits: other numbers may stand next to one."""
    first = 0
    while first < len(groups):
        digits, last = "", first
        while last < len(groups) and len(digits) < _CARD_LENGTHS.stop:
            digits += text[slice(*groups[last])]
            last += 1
            if len(digits) in _CARD_LENGTHS and _is_card(digits):
                yield groups[first][0], groups[last - 1][1]
                first = last - 1
                break
        first += 1


def _is_card(written: str) -> bool:
    digits = [int(c) for c in written]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and bool(_ISSUER.fullmatch("".join(map(str, digits))))


_IPV4 = re.compile(r"(?:(?<=IP)|(?<=ip)|(?<![\w.]))(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)", re.ASCII)
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]*\d)(?:[0-9A-Fa-f]{1,4}:|::)[0-9A-Fa-f:]{3,38}(?![\w:])", re.ASCII)
_VERSION_BEFORE = re.compile(
    r"(?:(?<![a-z])(?:v|ver|version|build|firmware|release|section|chapter|kapitel)|版本)(?![a-z])"
    r"(?:(?!(?<![a-z])ip(?![a-z]))[^\n])*$",
    re.IGNORECASE,
)
_VERSION_AFTER = re.compile(r"[ 的]{0,2}(?:版|version)", re.IGNORECASE)
_CONTEXT = 40


def _ipv4_addresses(text: str, _: str | None) -> Places:
    for match in _IPV4.finditer(text) if text.count(".") >= 3 else ():  # noqa: PLR2004 - the dots of an address
        start, end = match.span()
        is_version = _VERSION_BEFORE.search(text[max(0, start - _CONTEXT) : start]) or _VERSION_AFTER.match(text, end)
        if _is_address(match.group()) and not is_version:
            yield start, end


def _ipv6_addresses(text: str, _: str | None) -> Places:
    if text.count(":") > 1:
        yield from (match.span() for match in _IPV6.finditer(text) if _is_address(match.group()))


def _is_address(written: str) -> bool:
    """True for an address of some machine; 0.0.0.0 and 127.0.0.1 are every machine's."""
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return False
    return not (address.is_unspecified or address.is_loopback)


DETECTORS: tuple[Detector, ...] = (
    Detector("SECRET", 0, _enclosing),  # may enclose what looks like any other kind
    Detector("EMAIL", 0, _emails),
    Detector("SECRET", 1, _tokens),
    Detector("SECRET", 1, _named_secrets),
    Detector("IBAN", 7, _ibans),
    Detector("NATIONAL_ID", 4, find_national_ids),
    Detector("CARD", 13, _cards),
    Detector("IP", 4, _ipv4_addresses),
    Detector("IP", 1, _ipv6_addresses),
    Detector("PHONE", 7, find_phone_numbers),
)
