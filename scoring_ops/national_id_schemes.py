"""The national ids that are looked for: how each is written, where it needs no name, and what it is called.

Orders and parcels have random numbers, and those must not be masked in numbers: a shape that fewer than one random
number in fifty fits is taken `anywhere`, or `at_home`, in a conversation in a language or region of the country.
Written with separators of its own, one in ten is near enough `at_home`. All else needs its name (`names`), and then
the check digit may be wrong, for a mistyped id is one. Finding is `national_ids.py`'s, arithmetic
`national_id_checks.py`'s.
"""

from collections.abc import Callable
from typing import NamedTuple

from scoring_ops import national_id_checks as checks

Check = Callable[[str], bool]


class Digits(NamedTuple):
    """A number of digits alone. A shape is its groups and what separates them: "3-2-4"."""

    scheme: str
    lengths: tuple[int, ...]
    names: str = ""
    signs: str = ""
    anywhere: tuple[str, ...] = ()
    at_home: tuple[str, ...] = ()
    home: frozenset[str] = frozenset()
    check: Check = str.isdecimal


class Lettered(NamedTuple):
    """A number with letters in it; without `home` it is taken in every conversation."""

    scheme: str
    pattern: str
    check: Check
    home: frozenset[str] = frozenset()
    names: str = ""
    signs: str = ""


def _in(languages_and_regions: str) -> frozenset[str]:
    return frozenset(languages_and_regions.split())


def _is_hetu(number: str) -> bool:
    return checks.is_hetu(number[:6] + number[-4:])


_CHINESE_NAMES = r"身[份分][证證]\w{0,3}|居民[证證]"

# `names` are in small letters and read without regard to case; `signs` are everyday words but in capitals.
DIGITS: tuple[Digits, ...] = (
    Digits(
        "us", (9,), names=r"ssn|itin|social security(?: n\w*)?|seguro social", anywhere=("3-2-4",), check=checks.is_us
    ),
    Digits("nhs", (10,), names=r"nhs(?: n\w*)?", at_home=("3 3 4", "3-3-4"), home=_in("GB"), check=checks.is_nhs),
    Digits(
        "sin",
        (9,),
        names=r"sin number|social insurance(?: n\w*)?|num[ée]ro d.assurance sociale",
        signs="SIN|NAS",
        at_home=("3 3 3", "3-3-3"),
        home=_in("CA"),
        check=checks.is_luhn,
    ),
    Digits(
        "steuer_id",
        (11,),
        names=r"steuer-?id(?:ent\w*)?(?:-?n\w*)?|steuerliche id\w*",
        signs="IdNr",
        anywhere=("2 3 3 3",),
        at_home=("11",),
        home=_in("de DE"),
        check=checks.is_steuer_id,
    ),
    Digits(
        "nir",
        (13, 15),
        names="num[ée]ro de s[ée]cu(?:rit[ée])?(?: sociale)?|s[ée]curit[ée] sociale",
        signs="NIR",
        anywhere=("15", "13 2", "1 2 2 2 3 3 2", "1 2 2 2 3 3-2"),
        check=checks.is_nir,
    ),
    Digits(
        "bsn",
        (9,),
        names=r"bsn|burgerservicenumm\w*|sofi-?numm\w*",
        at_home=("4.2.3",),
        home=_in("nl NL"),
        check=checks.is_bsn,
    ),
    Digits(
        "belgian",
        (11,),
        names=r"rijksregister\w*|insz|niss|registre national|num[ée]ro national",
        anywhere=("2.2.2-3.2",),
        at_home=("11", "6-3-2", "6-3.2", "6 3 2", "2.2.2.3.2"),
        home=_in("nl fr BE"),
        check=checks.is_belgian,
    ),
    Digits("pesel", (11,), names=r"pesel\w*", at_home=("11",), home=_in("pl PL"), check=checks.is_pesel),
    Digits(
        "personnummer",
        (10, 12),
        names=r"person-?n(?:ummer|r)\w*|samordningsn\w*",
        at_home=("6-4", "8-4", "10", "12"),
        home=_in("sv SE"),
        check=checks.is_personnummer,
    ),
    Digits("cpr_date", (), at_home=("6-4",), home=_in("da DK"), check=checks.is_cpr_date),
    Digits("cpr", (10,), names=r"cpr(?:-?n\w*)?", at_home=("10",), home=_in("da DK"), check=checks.is_cpr),
    Digits(
        "fodselsnummer",
        (11,),
        names=r"f[øo]dsels-?n\w*|d-nummer",
        at_home=("11", "6 5"),
        home=_in("no nb nn NO"),
        check=checks.is_fodselsnummer,
    ),
    Digits("hetu", (), at_home=("6-4",), home=_in("fi FI"), check=checks.is_hetu),
    Digits("nif", (9,), names="nif|contribuinte|identifica[çc][ãa]o fiscal"),
    Digits(
        "cpf",
        (11,),
        names=r"cpf(?: n\w*)?",
        anywhere=("3.3.3-2",),
        at_home=("11",),
        home=_in("pt BR"),
        check=checks.is_cpf,
    ),
    Digits(
        "aadhaar",
        (12,),
        names=r"aadh?aa?r(?: \w+)?|आधार",
        at_home=("4 4 4", "4-4-4"),
        home=_in("IN"),
        check=checks.is_aadhaar,
    ),
    Digits("chinese", (15, 18), names=_CHINESE_NAMES, anywhere=("18",), check=checks.is_resident_id),
    Digits("my_number", (12,), names="my number|マイナンバー|個人番号"),
    Digits(
        "rrn",
        (13,),
        names="rrn|주민(?:등록)?번호|외국인등록번호",
        at_home=("6-7",),
        home=_in("ko KR"),
        check=checks.is_rrn,
    ),
    Digits("tfn", (8, 9), names=r"tfn|tax file n\w*", at_home=("3 3 3", "3-3-3"), home=_in("AU"), check=checks.is_tfn),
    Digits("ahv", (13,), names=r"ahv(?:-?n\w*)?|navs|avs", anywhere=("3.4.4.2", "13"), check=checks.is_ahv),
    Digits("svnr", (10,), names=r"svnr|sv-?nummer|sozialversicherungsn\w*"),
    Digits(
        "tckn", (11,), names=r"tckn|tc kimlik\w*|kimlik n\w*", at_home=("11",), home=_in("tr TR"), check=checks.is_tckn
    ),
    Digits("dni", (8,), names="dni"),
    Digits(
        "any_named",
        tuple(range(8, 15)),
        names=(
            r"national (?:id(?:ent\w*)?|insurance)(?: card)?(?: n\w*)?"
            r"|identity (?:card|document|number)(?: n\w*)?|id card|tax(?:payer)? (?:id|identification|n)\w*"
            r"|steuer-?n(?:ummer|r)|(?:personal)?ausweis-?n\w*|documento nacional|c[ée]dula"
            r"|documento de identidad|carte d.identit[ée]|carta d.identit[àa]|identiteitskaart|henkil[öo]tunnus"
        ),
    ),
)

LETTERED: tuple[Lettered, ...] = (
    Lettered(
        "nino",
        r"[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]",
        checks.is_nino,
        home=_in("en cy gd GB"),
        names=r"nino|national insurance(?: n\w*)?|ni n\w*",
    ),
    Lettered(
        "dni",
        r"(?:\d{8}|[XYZ][ -]?\d{7})[ -]?[A-HJ-NP-TV-Z]",
        checks.is_dni,
        home=_in("es ca gl eu ES"),
        names="dni|nif",
        signs="NIE",
    ),
    Lettered(
        "codice_fiscale",
        r"[A-Z]{3} ?[A-Z]{3} ?[\dL-NP-V]{2}[A-EHLMPR-T][\dL-NP-V]{2} ?[A-Z][\dL-NP-V]{3}[A-Z]",
        checks.is_codice_fiscale,
        names="codice fiscale",
    ),
    Lettered("curp", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[\dA-Z]\d", checks.is_curp, names="curp"),
    Lettered("hetu", r"\d{6}[-–+A-FU-Y]\d{3}[A-FHJ-NPR-Y]", _is_hetu, names="hetu|henkil[öo]tunnus"),
    Lettered("hetu_digit", r"\d{6}[A-FU-Y]\d{4}", _is_hetu),
    Lettered("versicherungsnummer", r"\d\d ?\d{6} ?[A-Z] ?\d{3}", checks.is_versicherungsnummer, signs="RVNR|SVNR"),
    Lettered("nir_corsica", r"[12]\d{4}2[AB]\d{8}", checks.is_nir),
    Lettered("chinese", r"\d{17}X", checks.is_resident_id, names=_CHINESE_NAMES),
    Lettered(
        "pan",
        r"[A-Z]{3}P[A-Z]\d{4}[A-Z]",
        str.isalnum,
        home=_in("hi bn ta te mr gu kn ml pa IN"),
        signs=r"PAN(?: n\w*| card)?",
    ),
)
