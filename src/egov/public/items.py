"""What an item's page shows of its live edition, as plain values; generic over types."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from html import escape
from itertools import count
from typing import Any, NamedTuple, cast

from egov.base import clock
from egov.base.html import plain
from egov.base.i18n import Message, _, told
from egov.base.text import file_size
from egov.model.files import StoredFile
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import language_of, subsite_of
from egov.operations.publishing import successor_of
from egov.public.frame import Tags
from egov.public.leaving import way_out, with_ways_out
from egov.public.lists import VALIDITY, Picture, picture, picture_of
from egov.public.people import reached_by
from egov.web.rendering import SOURCE_LOCALE, catalog_of
from egov.web.urls import file_url

# Fields that the templates show in places of their own; all others are told in the table of facts.
_SHOWN_ELSEWHERE = frozenset(
    {"title", "summary", "body", "source", "author", "alt", "url", "original"}
)
_PLAIN_KINDS = frozenset({"line", "text", "date", "choice", "tags", "int"})
_OWN_PICTURE = re.compile(r'(<img\b[^>]*? src="/-/file/\d+/([0-9a-f]{20})/[^"]*"[^>]*?) ?/?>')
_WIDTH = re.compile(r' width="(\d{1,5})"')
_HEADINGS = re.compile(
    r"(<table\b[^>]*>\s*(?:<caption\b[^>]*>(?:(?!</caption>).)*</caption>\s*)?)(<tbody>\s*|)"
    r"(<tr>\s*(?:<th\b[^>]*>(?:(?!</?t[hdr]\b).)*</th>\s*)+</tr>)",
    re.DOTALL,
)
_BEHIND_STROKES = re.compile(r"(?<=[/\\])")
_FIRST_CELL = re.compile(r"<tr\b[^>]*>\s*<t[dh]\b[^>]*>((?:(?!</t[dh]>).)*)", re.DOTALL)
_TABLE_TAG = re.compile(r"<(/?)table\b[^>]*>")
_CAPTION = re.compile(r"<table\b[^>]*>\s*<caption\b[^>]*>(.*?)</caption>", re.DOTALL)
_TABLE = _("表格")
_LONGEST_ORDINAL = 4  # characters: 合计, 第一季
_SAME_MOMENT = timedelta(minutes=1)


class Download(NamedTuple):
    """A file to fetch, with its kind and size for people to read."""

    url: str
    title: str
    kind: str
    size: str


class Fact(NamedTuple):
    """A line of the table of facts; a telephone number or a mail address leads to who is reached by it."""

    title: Message
    parts: list[Message]  # of the text, between which a narrow line may break
    url: str


class Field(NamedTuple):
    """What the table of facts needs to know of a schema's field."""

    name: str
    title: Message
    choices: dict[str, Message]


class ItemPage(NamedTuple):
    """What an item's page shows of its live edition."""

    published: str
    updated: str
    source: str
    author: str
    summary: str
    body: str
    picture: Picture | None
    facts: list[Fact]
    files: list[Download]
    link: str
    notice: str
    changes: list[tuple[str, Message]]
    is_superseded: bool  # even if what took its place has gone since
    # Title and address of what takes its place, if that is public.
    successor: tuple[str, str] | None


def item_values(item: Item) -> ItemPage:
    """What an item's page shows, besides what stands around every page."""
    values = item.live.values if item.live is not None else {}
    if "validity" in values:
        values = {**values, "validity": VALIDITY.get(item.validity, item.validity)}
    return ItemPage(
        published=clock.stamp(item.published_at),
        updated=_updated(item),
        source=values.get("source") or values.get("issuer") or "",
        author=values.get("author") or "",
        summary=values.get("summary") or "",
        body=readable(pictured(item, with_ways_out(item, values.get("body") or "")), item),
        picture=picture_of(item, values),
        facts=facts(type(item), values),
        files=_downloads(item, values),
        link=way_out(item, values["url"]) if values.get("url") else "",
        notice=item.notice if item.live_state == "withdrawn" else "",
        changes=[(clock.day(change.at), change.text) for change in reversed(item.changes)],
        is_superseded=bool(item.superseded_by),
        successor=_successor(item),
    )


def _successor(item: Item) -> tuple[str, str] | None:
    if (new := successor_of(item)) is None:
        return None
    return new.live_title, f"/-/node/{new.uid}"  # leads only those on who may read it


def item_metas(item: Item, url: str, base: str) -> Tags:
    """The content tags, by the names of the national guideline (47号 annex)."""
    values = item.live.values if item.live is not None else {}
    picture = picture_of(item, values)
    source = values.get("source") or values.get("issuer") or subsite_of(item).title
    tags = (
        ("ArticleTitle", item.live_title),
        ("PubDate", clock.stamp(item.published_at)),
        ("ContentSource", source),
        ("Keywords", ",".join(values.get("keywords") or ())),
        ("Author", values.get("author") or ""),
        ("Description", values.get("summary") or ""),
        ("Image", base + picture.url if picture else ""),
        ("Url", url),
    )
    return tuple((name, value) for name, value in tags if value)


def facts(cls: type[Item], values: dict[str, Any]) -> list[Fact]:
    """The filled fields of a type that have no place of their own on its page, in the schema's order."""
    return [
        Fact(
            field.title, _parts(field, values[field.name]), _reached(field.name, values[field.name])
        )
        for field in _fields(cast(Any, cls))
        if values.get(field.name)
    ]


@cache
def _fields(cls: Any) -> tuple[Field, ...]:
    return tuple(
        Field(node.name, node.title, dict(getattr(node, "choices", ())))
        for node in cls.schema()
        if node.kind in _PLAIN_KINDS and node.name not in _SHOWN_ELSEWHERE
    )


def _parts(field: Field, value: Any) -> list[Message]:
    # A browser breaks 11420000MB0A000011/2026-00041 anywhere but behind the stroke.
    text = _text(field, value)
    return [text] if text in field.choices.values() else _BEHIND_STROKES.split(text)


def _text(field: Field, value: Any) -> Message:
    if isinstance(value, date):
        return clock.day(value)
    if isinstance(value, tuple):
        return "　".join(value)
    return field.choices.get(value) or (value if isinstance(value, str) else str(value))


def _reached(name: str, value: Any) -> str:
    return reached_by(value) if name in ("phone", "email") else ""


def pictured(item: Item, body: str) -> str:
    """A body whose own pictures come as wide as a screen needs, when they are near, to a place kept for them."""
    if "<img" not in body or item.live is None:
        return body
    edition = item.live
    earlier = count(1 if picture_of(item, edition.values) else 0)

    def in_sizes(found: re.Match[str]) -> str:
        shown = picture(item, edition.file(found[2]))
        if shown is None:
            return found[0]
        given = _WIDTH.search(found[0])
        place = "" if given else f' width="{shown.width}" height="{shown.height}"'
        sizes = f"min(100vw, {given[1]}px)" if given else "(max-width: 45rem) 100vw, 45rem"
        widths = f' srcset="{shown.srcset}" sizes="{sizes}"' if shown.srcset else ""
        later = ' loading="lazy"' if next(earlier) else ""
        return f"{found[1]}{widths}{place}{later}>"

    return _OWN_PICTURE.sub(in_sizes, body)


def readable(body: str, at: Node, title: str = "") -> str:
    """A body of some place with its tables in boxes of their own that scroll sideways, so that the page never does.

    A box is called by its table's caption, or by the title, for those who hear the page.
    A first row of nothing but headings becomes the table's head, which paper repeats on each sheet.
    """
    if "<table" not in body:
        return body
    body = _HEADINGS.sub(r"\1<thead>\3</thead>\2", body)
    title = title or told(_TABLE, catalog_of(language_of(at) or SOURCE_LOCALE))
    return "".join(_boxed(body, title))


def _boxed(body: str, title: str) -> Iterator[str]:
    depth = done = 0
    names: Counter[str] = Counter()
    for tag in _TABLE_TAG.finditer(body):
        depth += -1 if tag[1] else 1
        if not tag[1] and depth == 1:
            yield body[done : tag.start()]
            done = tag.start()
        elif tag[1] and not depth:  # one in a cell of another has no box of its own
            table = body[done : tag.end()]
            caption = _CAPTION.match(table)
            name = " ".join(plain(caption[1]).split()) if caption else ""
            names[name := name or title] += 1
            yield _in_box(table, name if names[name] == 1 else f"{name} {names[name]}")
            done = tag.end()
    yield body[done:]


def _in_box(table: str, name: str) -> str:
    # A column of ordinals may be narrow on telephones, one of names needs the place that all others have.
    is_named = any(len(plain(cell)) > _LONGEST_ORDINAL for cell in _FIRST_CELL.findall(table))
    kind = "scroll of-names" if is_named else "scroll"
    return (
        f'<div class="{kind}" role="region" aria-label="{escape(name)}" tabindex="0">{table}</div>'
    )


def _updated(item: Item) -> str:
    if (
        item.published_at is None
        or item.updated_at is None
        or item.updated_at - item.published_at < _SAME_MOMENT
    ):
        return ""
    return clock.stamp(item.updated_at)


def _downloads(item: Item, values: dict[str, Any]) -> list[Download]:
    files = [values.get("file"), *values.get("attachments", ())]
    return [_download(item, file) for file in files if isinstance(file, StoredFile)]


def _download(item: Item, file: StoredFile) -> Download:
    title, _dot, kind = file.filename.rpartition(".")
    return Download(
        file_url(item, file),
        title or file.filename,
        kind.upper() if title else "",
        file_size(file.size),
    )
