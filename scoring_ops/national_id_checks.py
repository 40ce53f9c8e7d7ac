"""Whether digits are a number of a national scheme: check digits, dates and ranges, one function per scheme.

Every function takes a number without separators, letters in capitals, in the length of its scheme. No clock is read:
a date counts as one whether it lies ahead or not, for the same text must be masked the same way for ever.
"""

from collections import Counter
from collections.abc import Sequence
from operator import mul

_NEVER_ISSUED_AREAS = frozenset({"000", "666"})
_TAXPAYER_GROUPS = frozenset({*range(50, 66), *range(70, 89), *range(90, 100)})
_NINO_UNUSED = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_CURP_CHARACTERS = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_CODICE_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_DIHEDRAL = (
    *((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6)),
    *((3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1)),
    *((6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4)),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_VERHOEFF = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def is_us(number: str) -> bool:
    """SSN, or a taxpayer's number (ITIN, ATIN) in its place: no check digit, ranges only."""
    area, group, serial = number[:3], number[3:5], number[5:]
    if area in _NEVER_ISSUED_AREAS or serial == "0000":
        return False
    return int(group) in _TAXPAYER_GROUPS if area[0] == "9" else group != "00"


def is_nino(number: str) -> bool:
    """British National Insurance: no check digit; D, F, I, Q, U and V are in no prefix, nor is O second."""
    return number[:2] not in _NINO_UNUSED and not set("DFIQUV") & set(number[:2]) and number[1] != "O"


def is_nhs(number: str) -> bool:
    """British NHS: mod 11."""
    return _sum(number, range(10, 0, -1)) % 11 == 0


def is_luhn(number: str) -> bool:
    """Luhn, as the Canadian SIN has it."""
    digits = [int(c) for c in number]
    return (sum(digits[-1::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])) % 10 == 0


def is_steuer_id(number: str) -> bool:
    """German tax id: one of its first ten digits two or three times, never thrice in a row, the others at most once."""
    repeated = [count for count in Counter(number[:10]).values() if count > 1]
    if number[0] == "0" or repeated not in ([2], [3]) or any(digit * 3 in number[:10] for digit in "0123456789"):
        return False
    product = 10
    for digit in number[:10]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(number[10])


def is_versicherungsnummer(number: str) -> bool:
    """German social insurance: area, birthday (invented ones have days up to 81), letter, serial, check digit."""
    if not _is_day(number[2:4], (0, 31), (50, 81)) or not _is_day(number[4:6], (0, 12)):
        return False
    digits = f"{number[:8]}{ord(number[8]) - 64:02}{number[9:11]}"
    products = (int(digit) * weight for digit, weight in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    return sum(sum(divmod(product, 10)) for product in products) % 10 == int(number[11])


def is_nir(number: str) -> bool:
    """French social security, with its key of two digits; Corsica is 2A or 2B."""
    if number[0] not in "12" or not _is_day(number[3:5], (1, 12), (20, 42), (50, 99)):
        return False
    plain = number[:13].replace("2A", "19").replace("2B", "18")
    return plain.isdecimal() and 97 - int(plain) % 97 == int(number[13:])


def is_dni(number: str) -> bool:
    """Spanish DNI or NIE: the letter follows from the digits; X, Y and Z in front are 0, 1 and 2."""
    digits = str("XYZ".find(number[0])) + number[1:8] if number[0] in "XYZ" else number[:8]
    return _DNI_LETTERS[int(digits) % 23] == number[8]


def is_codice_fiscale(number: str) -> bool:
    """Italian tax code: the last letter follows from the others; letters may stand for its digits."""
    values = [ord(c) - 48 if c.isdecimal() else ord(c) - 65 for c in number[:15]]
    return (sum(values[1::2]) + sum(_CODICE_ODD[value] for value in values[::2])) % 26 == ord(number[15]) - 65


def is_bsn(number: str) -> bool:
    """Dutch BSN: the test of eleven."""
    return _sum(number, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def is_belgian(number: str) -> bool:
    """Belgian national number: a birthday (month up by 20 or 40 for other registers) and mod 97."""
    if not _is_day(number[2:4], (0, 12), (20, 32), (40, 52)) or not _is_day(number[4:6], (0, 31)):
        return False
    base, key = int(number[:9]), int(number[9:])
    return key in {97 - base % 97, 97 - (2_000_000_000 + base) % 97}


def is_pesel(number: str) -> bool:
    """Polish PESEL: a birthday in the 1900s or (month up by 20) the 2000s, and a weighted check digit."""
    return (
        _is_day(number[2:4], (1, 12), (21, 32))
        and _is_day(number[4:6], (1, 31))
        and _sum(number, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0
    )


def is_personnummer(number: str) -> bool:
    """Swedish personal or coordination number (day up by 60), with or without the century: Luhn."""
    short = number[-10:]
    if len(number) == 12 and number[:2] not in {"18", "19", "20"}:  # noqa: PLR2004 - with the century
        return False
    return _is_day(short[2:4], (1, 12)) and _is_day(short[4:6], (1, 31), (61, 91)) and is_luhn(short)


def is_cpr_date(number: str) -> bool:
    """Danish CPR begins with a birthday; since 2007 its last digit need not fit."""
    return _is_day(number[:2], (1, 31)) and _is_day(number[2:4], (1, 12))


def is_cpr(number: str) -> bool:
    """Danish CPR whose last digit fits."""
    return is_cpr_date(number) and _sum(number, (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def is_fodselsnummer(number: str) -> bool:
    """Norwegian birth number, D-number (day up by 40) or H-number (month up by 40): two check digits."""
    return (
        _is_day(number[:2], (1, 31), (41, 71))
        and _is_day(number[2:4], (1, 12), (41, 52))
        and _sum(number, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0
        and _sum(number, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    )


def is_hetu(number: str) -> bool:
    """Finnish personal identity code without its sign of the century: a birthday and mod 31."""
    if not _is_day(number[:2], (1, 31)) or not _is_day(number[2:4], (1, 12)):
        return False
    return _HETU_CHARACTERS[int(number[:9]) % 31] == number[9]


def is_cpf(number: str) -> bool:
    """Brazilian CPF: two check digits, and not one digit eleven times."""
    first = _sum(number, range(10, 1, -1)) * 10 % 11 % 10
    second = _sum(number, range(11, 1, -1)) * 10 % 11 % 10
    return number[9:] == f"{first}{second}" and len(set(number)) > 1


def is_curp(number: str) -> bool:
    """Mexican CURP: a birthday and a check digit."""
    if not _is_day(number[6:8], (1, 12)) or not _is_day(number[8:10], (1, 31)) or not number[17].isdecimal():
        return False
    total = sum(_CURP_CHARACTERS.index(c) * weight for c, weight in zip(number[:17], range(18, 1, -1), strict=True))
    return -total % 10 == int(number[17])


def is_aadhaar(number: str) -> bool:
    """Indian Aadhaar: Verhoeff, and no 0 or 1 in front."""
    check, permutation = 0, tuple(range(10))
    for digit in reversed(number):
        check = _DIHEDRAL[check][permutation[int(digit)]]
        permutation = tuple(_VERHOEFF[value] for value in permutation)
    return check == 0 and number[0] not in "01"


def is_resident_id(number: str) -> bool:
    """Chinese resident id of 18 places: a province, a birthday since 1800 and mod 11."""
    if number[0] not in "1234568" or number[6:8] not in {"18", "19", "20"} or not number[:17].isdecimal():
        return False
    if not _is_day(number[10:12], (1, 12)) or not _is_day(number[12:14], (1, 31)):
        return False
    return "10X98765432"[_sum(number, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11] == number[17]


def is_rrn(number: str) -> bool:
    """Korean resident registration number: a birthday and a sex; since 2020 its last digit need not fit."""
    return _is_day(number[2:4], (1, 12)) and _is_day(number[4:6], (1, 31)) and number[6] in "12345678"


def is_tfn(number: str) -> bool:
    """Australian tax file number: mod 11."""
    return _sum(number, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def is_ahv(number: str) -> bool:
    """Swiss AHV number: 756 in front and the check digit of a bar code."""
    return number[:3] == "756" and _sum(number, (1, 3) * 6 + (1,)) % 10 == 0


def is_tckn(number: str) -> bool:
    """Turkish identity number: two check digits."""
    digits = [int(c) for c in number]
    tenth = (7 * sum(digits[:9:2]) - sum(digits[1:8:2])) % 10
    return digits[0] != 0 and digits[9:] == [tenth, sum(digits[:10]) % 10]


def _sum(number: str, weights: Sequence[int]) -> int:
    return sum(map(mul, map(int, number[: len(weights)]), weights))


def _is_day(written: str, *ranges: tuple[int, int]) -> bool:
    return any(first <= int(written) <= last for first, last in ranges)
