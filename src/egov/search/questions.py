"""A question as an address has it: words and filters by name, from whoever sends them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from egov.base.text import as_number
from egov.search.guide import Guide
from egov.search.queries import DEEPEST, MAX_QUESTION, Question, quoted_in

FILTERS = ("kind", "issuer", "year", "validity")


def question_of(
    sent: Mapping[str, str],
    guide: Guide,
    *,
    limit: int,
    offset: int = 0,
    newest_first: bool = False,
) -> Question:
    """What is asked; whatever is too long is cut, what is no number is none."""
    text = sent.get("q", "").replace("\0", "").strip()[:MAX_QUESTION]
    return Question(
        text=text,
        # Who sets words in quotation marks wants these and no others.
        also=() if quoted_in(text) else guide.variants(text),
        kind=sent.get("kind", "")[:40],
        issuer=sent.get("issuer", "")[:100],
        validity=sent.get("validity", "")[:40],
        year=as_number(sent.get("year"), 5),
        newest_first=newest_first or sent.get("sort") == "date",
        limit=limit,
        offset=min(offset, DEEPEST - limit),
    )


def as_query(sent: Mapping[str, str]) -> str:
    """The words and filters alone, as they stand in an address; empty where no words are."""
    kept = {name: value for name in ("q", *FILTERS) if (value := sent.get(name, "").strip())}
    return urlencode(kept) if "q" in kept else ""
