"""A question as an address has it: words and filters by name, from whoever sends them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple
from urllib.parse import urlencode

from opencc import OpenCC

from egov.base.text import as_number
from egov.search.guide import Guide
from egov.search.queries import DEEPEST, MAX_QUESTION, Question, quoted_in
from egov.search.words import number_key

FILTERS = ("kind", "issuer", "year", "validity", "number")
LONGEST_NUMBER = 40


def question_of(
    sent: Mapping[str, str],
    guide: Guide,
    *,
    limit: int,
    offset: int = 0,
    newest_first: bool = False,
) -> Question:
    """What is asked, in Simplified characters; what is too long is cut, what is no number is none."""
    text, also = wording(sent.get("q", ""), guide)
    number = sent.get("number", "").replace("\0", "").strip()[:LONGEST_NUMBER]
    return Question(
        text=text,
        also=also,
        kind=sent.get("kind", "")[:40],
        issuer=sent.get("issuer", "")[:100],
        validity=sent.get("validity", "")[:40],
        number=number if number_key(number) else "",
        year=as_number(sent.get("year"), 5),
        newest_first=newest_first or sent.get("sort") == "date",
        limit=limit,
        offset=min(offset, DEEPEST - limit),
    )


class Wording(NamedTuple):
    """What is asked, and the same in other words."""

    text: str
    also: tuple[str, ...]


def wording(typed: str, guide: Guide) -> Wording:
    """What was typed in Simplified characters and, beside it, as it was typed and in the words that editors keep."""
    typed = typed.replace("\0", "").strip()[:MAX_QUESTION]
    text, *as_typed = spellings(typed)
    # Who sets words in quotation marks wants these and no others.
    in_other_words = () if quoted_in(text) else guide.variants(text)
    return Wording(text, (*as_typed, *in_other_words))


def spellings(typed: str) -> tuple[str, ...]:
    """In Simplified characters, and as it was typed where that differs.

    A name may be written with what elsewhere is a Traditional character: 乾县 is no 干县.
    """
    return tuple(dict.fromkeys((_simplifier().convert(typed), typed)))


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def as_query(sent: Mapping[str, str]) -> str:
    """The words and filters alone, as they stand in an address; empty where no words are."""
    kept = {name: value for name in ("q", *FILTERS) if (value := sent.get(name, "").strip())}
    return urlencode(kept) if "q" in kept else ""
