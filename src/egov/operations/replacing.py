"""Find and replace: every hit shown first, then written into drafts; the markup of rich text stays whole."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.model.item import Item
from egov.model.types import schema_of
from egov.operations.content import edit
from egov.security.principals import Actor

MAX_WORDS = 200
AROUND = 24
_TEXT_KINDS = frozenset({"line", "text"})
_PART = re.compile(r"<[^>]*>|[^<]+|<")
_BLOCK = re.compile(
    r"</?(?:p|div|h[1-6]|ul|ol|li|dl|dt|dd|table|caption|thead|tbody|tfoot|tr|td|th|blockquote|pre|figure|figcaption"
    r"|hr|br|img)\b",
    re.IGNORECASE,
)


class Replacement(NamedTuple):
    """What is looked for, what takes its place, and how exactly it must be met."""

    find: str
    put: str
    same_case: bool = True
    whole_words: bool = False


class Hit(NamedTuple):
    """One place where the words stand: the field, and the text around it."""

    field: Message
    before: str
    found: str
    after: str


def check(wanted: Replacement) -> Replacement:
    """The replacement, if it can be made; raises Invalid at the field."""
    if not wanted.find.strip() or len(wanted.find) > MAX_WORDS:
        message = _("请填写要查找的文字，不超过 200 个字。")
        raise Invalid(message, {"find": message})
    if len(wanted.put) > MAX_WORDS:
        message = _("替换文字不能超过 200 个字。")
        raise Invalid(message, {"put": message})
    if wanted.find == wanted.put:
        message = _("替换前后的文字相同。")
        raise Invalid(message, {"put": message})
    return wanted


def hits(item: Item, wanted: Replacement) -> Iterator[Hit]:
    """Every place in the fields and rich texts of the edition at work, in the order of the form."""
    for field in schema_of(type(item)):
        value = item.work.values.get(field.name)
        if not isinstance(value, str) or not value:
            continue
        if field.kind in _TEXT_KINDS:
            texts = [value]
        elif field.kind == "html":
            texts = ["".join(_plain(part) for part in run) for run in _runs(value)]
        else:
            continue
        for text in texts:
            for start, end in _places(text, wanted):
                before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
                yield Hit(field.title, before, text[start:end], after)


def replace(item: Item, wanted: Replacement, *, by: Actor) -> Item | None:
    """Write the item's draft with every hit replaced; what the public reads stays as it is. None where there is no hit.

    Raises Forbidden without `edit`, Invalid where the result does not fit.
    """
    values = dict(item.work.values)
    for field in schema_of(type(item)):
        value = values.get(field.name)
        if isinstance(value, str) and field.kind in _TEXT_KINDS:
            values[field.name] = _replaced(value, wanted)
        elif isinstance(value, str) and field.kind == "html":
            values[field.name] = replaced_in_html(value, wanted)
    if values == item.work.values:
        return None
    return edit(item, values, by=by, action="change")


def replaced_in_html(source: str, wanted: Replacement) -> str:
    """Rich text with every hit replaced, also where tags stand within the words; no tag is lost or added."""
    return "".join(part for run in _runs(source, keep=True) for part in _rewritten(run, wanted))


def _runs(source: str, *, keep: bool = False) -> Iterator[list[str]]:
    """The parts (tags and texts) of each stretch between two blocks; the tags of blocks themselves only with `keep`."""
    run: list[str] = []
    for part in _PART.findall(source):
        if _BLOCK.match(part):
            yield run
            run = []
            if keep:
                yield [part]
        else:
            run.append(part)
    yield run


def _plain(part: str) -> str:
    return "" if part.startswith("<") and len(part) > 1 else html.unescape(part)


def _rewritten(run: list[str], wanted: Replacement) -> list[str]:
    texts = [_plain(part) for part in run]
    places = _places("".join(texts), wanted)
    if not places:
        return run
    written: list[str] = []
    at = 0
    for part, text in zip(run, texts, strict=True):
        if text:
            written.append(_escaped(_cut(text, at, places, wanted.put)))
            at += len(text)
        else:
            written.append(part)
    return written


def _cut(text: str, at: int, places: list[tuple[int, int]], put: str) -> str:
    """A text that begins at `at`: what is found goes, and the new words stand where it began."""
    pieces: list[str] = []
    position = 0
    for start, end in places:
        first, last = max(start - at, 0), min(end - at, len(text))
        if end <= at or start >= at + len(text):
            continue
        pieces.append(text[position:first])
        if start >= at:
            pieces.append(put)
        position = last
    return "".join([*pieces, text[position:]])


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace("\xa0", "&nbsp;")


def _replaced(text: str, wanted: Replacement) -> str:
    return _cut(text, 0, _places(text, wanted), wanted.put)


def _places(text: str, wanted: Replacement) -> list[tuple[int, int]]:
    flags = re.NOFLAG if wanted.same_case else re.IGNORECASE
    found = [m.span() for m in re.finditer(re.escape(wanted.find), text, flags)]
    if not wanted.whole_words or not found:
        return found
    edges = _edges(text)
    return [(start, end) for start, end in found if start in edges and end in edges]


def _edges(text: str) -> set[int]:
    """Where words begin and end: Chinese ones as the dictionary cuts them."""
    import rjieba  # noqa: PLC0415  a server's start does not wait for the dictionary

    edges, at = {0}, 0
    for word in rjieba.cut(text):
        at += len(word)
        edges.add(at)
    return edges
