"""Personal data in a text: identity numbers, bank cards, telephones, home addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_CHECKS = "10X98765432"

_DATE = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ID18 = re.compile(
    rf"(?<![0-9A-Za-z])[1-9]\d{{5}}[ -]?(?:19|20)\d{{2}}[ -]?{_DATE}[ -]?\d{{3}}[\dXx](?![0-9A-Za-z])"
)
_UNSEEN = re.compile(
    "[\u00ad\u200b-\u200f\u2060\ufeff]"
)  # signs without width, with which a number is cut in two
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_ID15 = re.compile(rf"(?<![0-9A-Za-z])[1-9]\d{{5}}\d{{2}}{_DATE}\d{{3}}(?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9A-Za-z])[3-6]\d{3}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_HOME = re.compile(
    r"[\u4e00-\u9fff]{2,}(?:路|街|巷|弄|村|组|小区|社区|花园|公寓)[^\s，。；、]{0,20}?"
    r"\d+(?:栋|幢|号楼|单元)[^\s，。；、]{0,12}?\d+(?:室|户|号)?"
)


class Personal(NamedTuple):
    """A piece of personal data, told only in its masked form."""

    kind: str  # id, old_id, card, mobile or home
    masked: str


def personal_in(text: str) -> Iterator[Personal]:
    """The personal data in a text; numbers must pass their own checksum where they have one.

    Full-width digits, signs without width and gaps within a number hide nothing.
    """
    text = _DASHES.sub("-", _UNSEEN.sub("", unicodedata.normalize("NFKC", text)))
    taken: list[tuple[int, int]] = []
    for kind, pattern, is_real in (
        ("id", _ID18, is_identity_number),
        ("card", _CARD, is_card_number),
        ("old_id", _ID15, lambda _number: True),
        ("mobile", _MOBILE, lambda _number: True),
        ("home", _HOME, lambda _text: True),
    ):
        for match in pattern.finditer(text):
            inside = any(start < match.end() and match.start() < end for start, end in taken)
            if not inside and is_real(match[0]):
                taken.append(match.span())
                yield Personal(kind, mask(kind, match[0]))


def _bare(number: str) -> str:
    return number.replace(" ", "").replace("-", "")


def is_identity_number(number: str) -> bool:
    """Whether the last sign is the one that GB 11643-1999 computes from the others."""
    number = _bare(number)
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == number[-1].upper()


def is_card_number(number: str) -> bool:
    """Whether a bank card's number has 16 to 19 digits and passes Luhn's check (ISO/IEC 7812-1)."""
    digits = [int(sign) for sign in number if sign.isdigit()]
    if not 16 <= len(digits) <= 19 or len(set(digits)) < 3:
        return False
    doubled = (sum(divmod(digit * 2, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def mask(kind: str, text: str) -> str:
    """The text as it may be shown: 138****1234, 35*************123."""
    if kind == "mobile":
        digits = "".join(sign for sign in text if sign.isdigit())
        return f"{digits[:3]}****{digits[-4:]}"
    if kind == "home":
        return re.sub(r"\d+", "*", text)
    number = _bare(text) if kind in ("id", "card") else text
    return number[:2] + "*" * (len(number) - 5) + number[-3:]
