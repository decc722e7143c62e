"""Finding by the letters of titles, as they stand there or in pinyin: what one types to find one's way in a list."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import tantivy

from egov.search.index import SearchIndex
from egov.search.queries import DEEPEST, MAX_QUESTION, SCHEMA, rights_in
from egov.search.questions import spellings
from egov.search.words import letters, title_letters

_MOST_WORDS = 12


class Titled(NamedTuple):
    """A page of what was found, the last changed first, and how much there is in all."""

    uids: list[int]
    total: int


def title_fits(title: str, typed: str) -> bool:
    """Whether each word that was typed stands in the title or in its pinyin; the index answers the same question."""
    whole = "".join(title_letters(title))
    return any(all("".join(word) in whole for word in wanted) for wanted in _wanted(typed))


def titled(
    index: SearchIndex, typed: str, domains: Collection[int], *, limit: int, offset: int = 0
) -> Titled | None:
    """What stands in some domains and has a title that fits; None if there is no index yet."""
    view = index.view()
    if view is None:
        return None
    allowed, wanted = view.domains.intersection(domains), _wanted(typed)
    if not allowed or not wanted:
        return Titled([], 0)
    ways = [(tantivy.Occur.Should, _all_of(words)) for words in wanted]
    parts = (tantivy.Query.boolean_query(ways), rights_in(view, allowed))
    found = view.searcher.search(
        tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts]),
        limit,
        count=True,
        offset=min(offset, DEEPEST),
        order_by_field="published",
    )
    return Titled([view.searcher.doc(at)["uid"][0] for _score, at in found.hits], found.count)


def _wanted(typed: str) -> list[list[list[str]]]:
    """The letters of each word that was typed, in each spelling; no spelling without a word."""
    spelt = (map(letters, one.split()) for one in spellings(typed[:MAX_QUESTION]))
    return [kept for words in spelt if (kept := [word for word in words if word][:_MOST_WORDS])]


def _all_of(words: list[list[str]]) -> Any:
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, _phrase(word)) for word in words])


def _phrase(word: list[str]) -> Any:
    if len(word) == 1:
        return tantivy.Query.term_query(SCHEMA, "letters", word[0], "basic")
    parts: list[Any] = [*word]
    return tantivy.Query.phrase_query(SCHEMA, "letters", parts)
