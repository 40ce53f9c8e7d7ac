"""Phone numbers in a text: where they are, by the numbering plans of the countries that its language suggests.

phonenumbers' matcher takes 80 to 900 microseconds a try, so it only sees runs of digits that could be a number at all.
A number that is named as something else ("order 2025550123") is none, whatever its digits.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from phonenumbers import Leniency, PhoneNumberMatcher

# Numbers without "+" belong to a country; these are tried, in order, and each costs a try.
_REGIONS = {
    "en": ("US", "GB", "AU"),
    "de": ("DE", "AT", "CH"),
    "es": ("ES", "MX", "AR", "CO"),
    "zh": ("CN", "TW"),
    "fr": ("FR", "BE", "CH"),
    "it": ("IT", "CH"),
    "nl": ("NL", "BE"),
    "pt": ("BR", "PT"),
    "pl": ("PL",),
    "ja": ("JP",),
    "ko": ("KR",),
    "tr": ("TR",),
    "sv": ("SE",),
    "da": ("DK",),
    "ru": ("RU",),
    "hi": ("IN",),
}
_UNKNOWN_LANGUAGE = ("US", "GB", "DE")
_LOCALE = re.compile(r"([a-z]{2,3})(?:[-_][a-z]{4})?(?:[-_]([a-z]{2}))?(?![a-z])", re.IGNORECASE)

# A text with more candidates is a log or a table: from there on a candidate counts as a number, unseen by the matcher.
MOST_TRIES = 200

_SEPARATORS = " \\u00a0().（）/‐-―-"
_CANDIDATE = re.compile(
    rf"(?<![A-Za-z0-9_@])(?<![A-Za-z0-9/]/)(?<!\d[.,])(?<![A-Za-z0-9]-)[+＋]?[(（]?\d(?:[{_SEPARATORS}]{{0,3}}\d){{6,16}}(?![A-Za-z0-9_@])"
)
_DATE_OR_SUM = re.compile(
    r"(?<!\d)(?:19|20)\d\d([-/.])[01]?\d\1[0-3]?\d(?!\d)"
    r"|(?<![\d./-])[0-3]?\d([-/.])[01]?\d\2(?:(?:19|20)\d\d|\d\d)(?![-/.]?\d)"
    r"|[€$£¥￥] ?\d{1,3}(?:[., ']\d{3})+(?!\d)"
    r"|(?<![\d.])\d{1,3}(?:\.\d{3})+(?:,\d\d(?!\d)| ?(?:[€$£¥元]|eur|usd|pesos))",
    re.IGNORECASE,
)
_NUMBER_WORDS = "numbers?|num|no|nr|nummer|código|número|num|id|code|is|ist|lautet|es|de|是|为|為|号|號|n[º°]"
_ORDER_WORDS = (
    r"orders?|ref|references?|tickets?|(?<!in )case|invoices?|tracking|shipment|parcels?|bookings?|reservations?|"
    r"confirmation|transactions?|serial|article|items?|products?|sku|part|contract|policy|imei|isbn|ean|gtin|"
    r"(?:bestell|auftrags?|rechnungs?|kunden|sendungs?|vorgangs?|vertrags?|artikel|serien|buchungs?|ticket|zähler)"
    r"[a-zäöüß-]*|bestellung|auftrag|rechnung|aktenzeichen|"
    r"pedido|factura|referencia|reserva|seguimiento|contrato|caso|orden|serie|expediente"
)
_ORDER_SIGNS = "订单|单号|编号|流水号?|工单|快递|运单|发票|序列号|账号|帐号|卡号|合同|会员"
_ACCOUNT = r"ids?|pin|code|(?:customer|account|user|member|client)(?=\W{0,3}(?:n|id|#))"
_UP_TO_NUMBER = rf"(?:[\s:：=#.*_\"'()（）-]|{_NUMBER_WORDS})*"
_OTHER_NUMBER = re.compile(
    rf"(?:[#№]|(?<![a-z])(?:{_ACCOUNT}|{_ORDER_WORDS})|{_ORDER_SIGNS}){_UP_TO_NUMBER}(?=[(（]?\d)", re.IGNORECASE
)
_ORDER = re.compile(rf"(?:[#№]|(?<![a-z])(?:{_ORDER_WORDS})|{_ORDER_SIGNS}){_UP_TO_NUMBER}$", re.IGNORECASE)


def find_phone_numbers(text: str, language: str | None) -> Iterator[tuple[int, int]]:
    """Start and end of every phone number in `text`, in order.

    Args:
        text: any text.
        language: a language or locale such as "de" or "es-MX"; None where unknown.
    """
    regions, tries, named = _regions(language), 0, set[int]()
    text = _DATE_OR_SUM.sub(lambda match: "|" * len(match.group()), text)
    for candidate in _CANDIDATE.finditer(text):
        written = candidate.group()
        if _may_be_another_number(written):
            named = named or {match.end() for match in _OTHER_NUMBER.finditer(text)} | {-1}
            if candidate.start() in named or candidate.start() + 1 in named:
                continue
        tries += 1
        spans = ((0, len(written)),) if tries > MOST_TRIES else _numbers_in(written, regions)
        for start, end in spans:
            yield candidate.start() + start, candidate.start() + end


def is_order_named_in(before: str) -> bool:
    """True where the words just before a number say that it is an order's, a parcel's, a ticket's or the like."""
    return _ORDER.search(before) is not None


def _may_be_another_number(written: str) -> bool:
    """False for "+49 ..." and for "0151 / 234 ...": grouped like that, digits are a phone number next to any word."""
    return written[0] not in "+＋" and not (written[0] in "0０(（" and not written.isdecimal())


def locale_of(locale: str | None) -> tuple[str, str]:
    """Language in small letters and region in capitals, each "" where the locale does not tell it."""
    parts = _LOCALE.match(locale or "")
    return (parts[1].lower(), (parts[2] or "").upper()) if parts else ("", "")


@lru_cache(maxsize=256)
def _regions(locale: str | None) -> tuple[str, ...]:
    language, region = locale_of(locale)
    if not language:
        return _UNKNOWN_LANGUAGE
    regions = _REGIONS.get(language, ())
    own = (region,) if region else ()
    return own + tuple(region for region in regions if region not in own)


@lru_cache(maxsize=4096)
def _numbers_in(written: str, regions: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """The numbers of the first country that finds any.

    Without "+" or 0 in front the grouping must be that country's, and digits without any grouping must be a number of
    the first country: ten bare digits are a valid number somewhere more often than not.
    """
    prefixed = written.lstrip("(（")[0] in "+＋0０"
    leniency = Leniency.VALID if prefixed else Leniency.STRICT_GROUPING
    if not prefixed and written.isdecimal():
        regions = regions[:1]
    for region in regions or (None,):
        found = tuple((m.start, m.end) for m in PhoneNumberMatcher(written, region, leniency=leniency))
        if found:
            return found
    return ()
