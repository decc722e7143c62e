"""From what a person types to a page of results: ranked, filtered, counted, and only what they may see."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from types import MappingProxyType
from typing import Any, NamedTuple

import tantivy

from egov.search.asking import all_words, needed
from egov.search.entries import make_schema
from egov.search.excerpts import excerpt
from egov.search.index import SearchIndex, View
from egov.search.telephones import dialled, written
from egov.search.words import folded, number_key, numbers_in, pairs, pieces, sound, words

MAX_QUESTION = 100  # characters
DEEPEST = 10_000  # results that can be paged through
_LONGEST_PINYIN = 40
_MENDED = 3  # words at most are looked for in another spelling
_LONGEST_WORD = 12  # that is looked for in another spelling
_FUZZY_FROM = 3  # characters; of two, a changed one leaves too little
_QUOTED = re.compile('["“”「『]([^"“”「」『』]{2,60})["“”」』]')
_AREA = "0[0-9]{2,3}"  # of a telephone number
_NUMBER = re.compile(r"[\w/ -]{6,60}\Z")
SCHEMA = make_schema()
_COUNTED = {
    "domains": {"terms": {"field": "domain", "size": 2000}},
    "kinds": {"terms": {"field": "kind", "size": 20}},
    "issuers": {"terms": {"field": "issuer", "size": 12}},
    "validities": {"terms": {"field": "validity", "size": 12}},
    "years": {"terms": {"field": "year", "size": 12, "order": {"_key": "desc"}}},
}
COUNTED_AT_WORK = {
    "kinds": _COUNTED["kinds"],
    "states": {"terms": {"field": "state", "size": 20}},
    "owners": {"terms": {"field": "owner", "size": 30}},
}
# By which field results are narrowed, and what tells the numbers of its values.
_NARROWING = {
    "kind": "kinds", "validity": "validities", "issuer": "issuers", "state": "states", "owner": "owners",
}  # fmt: skip
_MUST, _SHOULD = tantivy.Occur.Must, tantivy.Occur.Should


@dataclass(frozen=True)
class Question:
    """What is looked for; empty filters let everything through."""

    text: str
    kind: str = ""
    year: int = 0
    validity: str = ""
    issuer: str = ""
    number: str = ""  # of a document, or a part of it, in any spelling
    state: str = ""  # in the back office, as is the owner
    owner: str = ""
    newest_first: bool = False
    limit: int = 10
    offset: int = 0
    also: tuple[str, ...] = ()  # the same in other words


class Hit(NamedTuple):
    """One result: the item's uid and an excerpt whose found words stand in the marked parts."""

    uid: int
    excerpt: tuple[tuple[str, bool], ...]  # text, whether it was looked for


class Answer(NamedTuple):
    """A page of results; `exact` is False where not every word was found and some had to do."""

    hits: list[Hit]
    total: int
    kinds: dict[str, int]
    years: dict[int, int]
    issuers: dict[str, int]
    validities: dict[str, int]
    domains: dict[int, int]
    exact: bool
    suggestion: str
    marked: tuple[str, ...] = ()  # what is marked in titles and excerpts
    states: Mapping[str, int] = MappingProxyType({})
    owners: Mapping[str, int] = MappingProxyType({})


class _Filter(NamedTuple):
    """One way in which results are narrowed, and the count of its values; none where nobody chooses from them."""

    told_by: str
    query: Any


NOTHING = Answer([], 0, {}, {}, {}, {}, {}, True, "")


def ask(
    index: SearchIndex,
    question: Question,
    domains: Collection[int],
    within: Collection[int] | None = None,
    counted: Mapping[str, Any] = _COUNTED,
) -> Answer | None:
    """The answer as far as the readable domains go, `within` some of them; None if there is no index yet.

    `counted` tells by what the results are counted.
    """
    view = index.view()
    if view is None:
        return None
    searcher = view.searcher
    allowed = view.domains.intersection(domains)
    allowed = allowed if within is None else allowed.intersection(within)
    text = question.text.strip()[:MAX_QUESTION]
    found = all_words(text)
    if not allowed or not (found or pieces(text)):
        return NOTHING
    rights = rights_in(view, allowed)
    narrow = list(_filters(question))
    marked = _marked(question, text, found)
    for way in (all_words, needed) if needed(text) != found else (all_words,):
        asked = _in_any_words((text, *question.also), way)
        query = tantivy.Query.boolean_query([(_MUST, asked), (_MUST, rights)])
        answer = _answer(searcher, query, narrow, question, marked, counted)
        if answer is not NOTHING:
            return answer
    query = tantivy.Query.boolean_query([(_MUST, _some_of(text, needed(text))), (_MUST, rights)])
    answer = _answer(searcher, query, narrow, question, marked, counted)
    return answer._replace(exact=False, suggestion=_suggest(searcher, text, found, rights))


def _marked(question: Question, text: str, found: list[str]) -> list[str]:
    if digits := dialled(text):
        return [digits]  # in a row, and no part of them in other numbers
    others = (word for other in question.also for word in words(other))
    return [*text.split(), *found, *quoted_in(text), *others]


def rights_in(view: View, allowed: frozenset[int]) -> Any:
    """What lies in the allowed domains; told by the others where those are fewer, as for a visitor of a public site."""
    others = view.domains - allowed
    if len(allowed) <= len(others):
        kept = tantivy.Query.term_set_query(SCHEMA, "domain", list(allowed))
    else:
        everything = (_MUST, tantivy.Query.all_query())
        closed = tantivy.Query.term_set_query(SCHEMA, "domain", list(others))
        parts = [everything, (tantivy.Occur.MustNot, closed)] if others else [everything]
        kept = tantivy.Query.boolean_query(parts)
    return tantivy.Query.const_score_query(kept, 0.0)


def _answer(
    searcher: Any, query: Any, narrow: list[_Filter], question: Question, marked: list[str],
    counted: Mapping[str, Any],
) -> Answer:  # fmt: skip
    """A page of what the query finds when narrowed; NOTHING where it finds nothing, whatever the filters leave.

    Each count tells what its own filter would leave beside all others, so that no way to narrow leads to nothing.
    """
    narrowed = _narrowed(query, narrow)
    how = {"order_by_field": "published"} if question.newest_first else {"weight_by_field": "fresh"}
    result = searcher.search(
        narrowed, question.limit, count=True, offset=min(question.offset, DEEPEST), **how
    )
    if not result.count and not (narrow and searcher.search(query, 1, count=False).hits):
        return NOTHING
    documents = [searcher.doc(address) for _score, address in result.hits]
    told = searcher.aggregate(narrowed, dict(counted))
    for own in narrow:
        if own.told_by in counted:
            others = _narrowed(query, [one for one in narrow if one is not own])
            told |= searcher.aggregate(others, {own.told_by: counted[own.told_by]})
    return Answer(
        [Hit(d["uid"][0], excerpt(bytes(d["text"][0]).decode(), marked)) for d in documents],
        result.count,
        _counts(told, "kinds", str),
        _counts(told, "years", int),
        _counts(told, "issuers", str),
        _counts(told, "validities", str),
        _counts(told, "domains", int),
        True,
        "",
        tuple(marked),
        _counts(told, "states", str),
        _counts(told, "owners", str),
    )


def _narrowed(query: Any, narrow: list[_Filter]) -> Any:
    parts = [(_MUST, query), *((_MUST, one.query) for one in narrow)]
    return tantivy.Query.boolean_query(parts) if narrow else query


def _counts(told: dict[str, Any], name: str, kind: type) -> dict[Any, int]:
    return {kind(b["key"]): b["doc_count"] for b in told.get(name, {"buckets": ()})["buckets"]}


def _in_any_words(texts: Iterable[str], way: Callable[[str], list[str]]) -> Any:
    """What has all words of one of the texts, the first counting most; `way` tells the words of a text."""
    first, *others = (_all_of(text, way(text)) for text in texts)
    weaker = (tantivy.Query.boost_query(one, 0.8) for one in others)
    return tantivy.Query.boolean_query([(_SHOULD, one) for one in (first, *weaker)])


def _all_of(text: str, found: list[str]) -> Any:
    parts = [(_MUST, _word(word)) for word in found]
    parts += [
        (_MUST, _phrase(quoted)) for quoted in _QUOTED.findall(text) if len(pieces(quoted)) > 1
    ]
    whole = tantivy.Query.boolean_query(parts) if parts else _phrase(text)
    called = list(_telephone(text))
    # Of a telephone number the digits in a row say more than its parts wherever they stand.
    ways = [(_SHOULD, tantivy.Query.boost_query(whole, 0.1) if called else whole)]
    ways += [
        (_SHOULD, tantivy.Query.boost_query(_term("number", number), 20.0))
        for number in _numbers(text)
    ]
    ways += [(_SHOULD, tantivy.Query.boost_query(way, 2.0)) for way in called]
    return tantivy.Query.boolean_query(ways)


def _telephone(text: str) -> Iterator[Any]:
    if digits := dialled(text):
        yield from map(_phrase, written(digits))
        # With an area code that nobody typed: a word, which `written` does not know the beginning of.
        yield tantivy.Query.regex_query(SCHEMA, "pairs", f"{_AREA}_{digits}|{digits}_.*")


def _numbers(text: str) -> list[str]:
    if found := numbers_in(text):
        return found
    is_one = _NUMBER.match(text) and any(c.isdigit() for c in text)
    keys = (number_key(text) if is_one else "", dialled(text))
    return [key for key in dict.fromkeys(keys) if key]


def _some_of(text: str, found: list[str]) -> Any:
    heard = [_term("sound", sound(word)) for word in found]
    typed = re.sub(r"\s", "", text.lower())
    parts = [_word(word) for word in found if len(word) > 1] + heard
    parts += [tantivy.Query.boost_query(_phrase(text), 5.0)] if pairs(text) else []
    if digits := dialled(text):  # as far as it has been typed
        parts.append(tantivy.Query.regex_query(SCHEMA, "pairs", f"({_AREA}_)?{digits}.*"))
    if typed.isascii() and typed.isalpha():
        parts.append(_term("sound", typed))
        # Pinyin without spaces may be of two words, as a person's name is that no dictionary has.
        parts += [
            _both("sound", typed[:at], typed[at:])
            for at in range(2, min(len(typed), _LONGEST_PINYIN) - 1)
        ]
    return tantivy.Query.boolean_query([(_SHOULD, part) for part in parts or [_phrase(text)]])


def _word(word: str) -> Any:
    return tantivy.Query.boolean_query(
        [
            (_SHOULD, tantivy.Query.boost_query(_term("title", word), 4.0)),
            (_SHOULD, _term("body", word)),
        ]
    )


def _term(field: str, value: str) -> Any:
    return tantivy.Query.term_query(
        SCHEMA, field, value, "freq" if field in ("title", "body") else "basic"
    )


def _both(field: str, *values: str) -> Any:
    return tantivy.Query.boolean_query([(_MUST, _term(field, value)) for value in values])


def _phrase(text: str) -> Any:
    parts: list[Any] = list(pairs(text)[:60])
    if not parts:
        return _term("body", text.strip())
    if len(parts) == 1:
        return _term("pairs", parts[0])
    return tantivy.Query.phrase_query(SCHEMA, "pairs", parts)


def quoted_in(text: str) -> list[str]:
    """The phrases in quotation marks that must be found as they are."""
    return [quoted for quoted in _QUOTED.findall(text) if pairs(quoted)]


def _filters(question: Question) -> Iterator[_Filter]:
    for field, count in _NARROWING.items():
        if value := getattr(question, field):
            yield _Filter(count, _term(field, value))
    if question.year:
        year = tantivy.Query.term_query(SCHEMA, "year", question.year, "basic")
        yield _Filter("years", year)
    if key := number_key(question.number):  # letters and digits only
        yield _Filter("", tantivy.Query.regex_query(SCHEMA, "number", f".*{key}.*"))


def _suggest(searcher: Any, text: str, found: list[str], rights: Any) -> str:
    """The question with a word of a title that the asker may see in place of one that stands in no title.

    None where what it was put in then finds nothing: half a word may resemble another one.
    """
    asked, looked_for = folded(text), 0
    for word in dict.fromkeys(found):
        if looked_for < _MENDED and _is_odd(searcher, word):
            looked_for += 1
            asked = asked.replace(word, _alike(searcher, word, rights) or word)
    typed = folded(text).split()
    changed = [part for part in asked.split() if part not in typed]
    if changed and all(_finds(searcher, part, rights) for part in changed):
        return asked
    whole = "".join(typed)
    return _alike(searcher, whole, rights) if _is_odd(searcher, whole) else ""


def _finds(searcher: Any, text: str, rights: Any) -> bool:
    parts = [(_MUST, _all_of(text, needed(text))), (_MUST, rights)]
    return bool(searcher.search(tantivy.Query.boolean_query(parts), 1, count=False).hits)


def _is_odd(searcher: Any, word: str) -> bool:
    return 2 <= len(word) <= _LONGEST_WORD and not searcher.doc_freq("title", word)


def _alike(searcher: Any, word: str, rights: Any) -> str:
    """A word of a title that the asker may see and that sounds like another, or is spelt nearly so."""
    ways = [(_SHOULD, _term("sound", sound(word)))]
    if len(word) >= _FUZZY_FROM:
        ways.append((_SHOULD, tantivy.Query.fuzzy_term_query(SCHEMA, "title", word, 1)))
    query = tantivy.Query.boolean_query(
        [(_MUST, tantivy.Query.boolean_query(ways)), (_MUST, rights)]
    )
    for _score, address in searcher.search(query, 5, count=False).hits:
        heading = words(bytes(searcher.doc(address)["heading"][0]).decode())
        if other := next((w for w in heading if _is_alike(w, word)), ""):
            return other
    return ""


def _is_alike(one: str, other: str) -> bool:
    if one == other:
        return False
    return sound(one) == sound(other) or (len(other) >= _FUZZY_FROM and is_near(one, other))


def is_near(one: str, other: str) -> bool:
    """Whether a letter put in, left out or changed, or two beside each other swapped, makes one word the other."""
    start = _shared(one, other)
    one, other = one[start:], other[start:]
    end = _shared(one[::-1], other[::-1])
    one, other = one[: len(one) - end], other[: len(other) - end]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


def _shared(one: str, other: str) -> int:
    """How many letters both words begin with."""
    return sum(
        1 for _same in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )
