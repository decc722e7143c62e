"""Schema parts: one function per kind of field, so that every type's form reads the same.

A field's `kind` tells the faces which control shows it; `required_on_submit` means that a draft may be
saved without it and may not be submitted without it; a field that `is_rare` is folded away until it is filled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import colander

from egov.base import colours, html
from egov.base.i18n import Message, _
from egov.base.text import MAX_TITLE
from egov.model.files import StoredFile

MAX_BODY = 1_000_000
MAX_ROWS = 40
# Name, title and greatest length of each column; one called `url` takes addresses only.
Columns = tuple[tuple[str, Message, int], ...]

_SCHEMES = re.compile(r"(https?://|mailto:|tel:|/)[^\s<>\"]+\Z", re.IGNORECASE)


class Stored(colander.SchemaType):
    """A StoredFile that is already in the database, or None."""

    def serialize(self, node: colander.SchemaNode, appstruct: Any) -> Any:
        """Hand the file on as it is."""
        return appstruct

    def deserialize(self, node: colander.SchemaNode, cstruct: Any) -> StoredFile | None:
        """Take a StoredFile or nothing; raises colander.Invalid for anything else."""
        if cstruct is colander.null or cstruct is None:
            return None
        if isinstance(cstruct, StoredFile):
            return cstruct
        raise colander.Invalid(node, _("这里需要一个文件。"))


class Tuple(colander.SchemaType):
    """A tuple of words or of StoredFiles."""

    def __init__(self, part: type[str] | type[StoredFile]) -> None:
        self.part = part

    def serialize(self, node: colander.SchemaNode, appstruct: Any) -> Any:
        """Hand the parts on as they are."""
        return appstruct

    def deserialize(self, node: colander.SchemaNode, cstruct: Any) -> tuple[Any, ...]:
        """Take a list or tuple of parts; words are stripped and empty or repeated ones dropped."""
        if cstruct is colander.null or cstruct is None:
            return ()
        if isinstance(cstruct, str) and self.part is str:
            cstruct = re.split(r"[,，;；、\s]+", cstruct)
        if not isinstance(cstruct, list | tuple) or any(
            not isinstance(p, self.part) for p in cstruct
        ):
            raise colander.Invalid(node, _("这里需要一个列表。"))
        parts = [p.strip() if isinstance(p, str) else p for p in cstruct]
        return tuple(dict.fromkeys(p for p in parts if p))


class Rows(colander.SchemaType):
    """A few rows of texts, each with the same columns; rows without any text are dropped."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def serialize(self, node: colander.SchemaNode, appstruct: Any) -> Any:
        """Hand the rows on as they are."""
        return appstruct

    def deserialize(self, node: colander.SchemaNode, cstruct: Any) -> tuple[tuple[str, ...], ...]:
        """Take rows of texts; raises colander.Invalid for too many, for long texts and for what is no address."""
        if cstruct is colander.null or cstruct is None:
            return ()
        if not isinstance(cstruct, list | tuple) or len(cstruct) > MAX_ROWS:
            raise colander.Invalid(node, _("最多 ${most} 行。", mapping={"most": str(MAX_ROWS)}))
        rows = [self._row(node, row) for row in cstruct]
        return tuple(row for row in rows if any(row))

    def _row(self, node: colander.SchemaNode, row: Any) -> tuple[str, ...]:
        if not isinstance(row, list | tuple) or len(row) != len(self.columns):
            raise colander.Invalid(node, _("这里需要一个列表。"))
        cells = tuple(" ".join(str(cell).split()) for cell in row)
        for (name, title, limit), cell in zip(self.columns, cells, strict=True):
            if len(cell) > limit:
                facts = {"title": title, "most": str(limit)}
                raise colander.Invalid(node, _("“${title}”最多 ${most} 个字。", mapping=facts))
            if name == "url" and cell and not _SCHEMES.match(cell):
                raise colander.Invalid(
                    node,
                    _(
                        "“${cell}”不是网址：请以 http://、https:// 或 / 开头。",
                        mapping={"cell": cell},
                    ),
                )
        if any(cells) and not cells[0]:
            raise colander.Invalid(
                node, _("每一行都要填写“${title}”。", mapping={"title": self.columns[0][1]})
            )
        return cells


def _node(typ: Any, kind: str, name: str, title: Message, **extra: Any) -> colander.SchemaNode:
    extra.setdefault("required_on_submit", False)
    extra.setdefault("is_rare", False)
    return colander.SchemaNode(typ, name=name, title=title, kind=kind, **extra)


def line(name: str, title: Message, *, limit: int = 200, **extra: Any) -> colander.SchemaNode:
    """One line of text."""
    extra.setdefault("missing", "")
    extra.setdefault("validator", colander.Length(max=limit))
    return _node(colander.String(), "line", name, title, **extra)


def title(label: Message | None = None) -> colander.SchemaNode:
    """The title: the one field that even a first draft needs."""
    return line("title", label or _("标题"), limit=MAX_TITLE, missing=colander.required)


def text(name: str, title: Message, *, limit: int = 500, **extra: Any) -> colander.SchemaNode:
    """Several lines of plain text."""
    extra.setdefault("missing", "")
    checks = [colander.Length(max=limit), *filter(None, [extra.pop("validator", None)])]
    return _node(colander.String(), "text", name, title, validator=colander.All(*checks), **extra)


def rich(name: str, title: Message, **extra: Any) -> colander.SchemaNode:
    """Rich text; what comes out is sanitised."""

    def clean(value: Any) -> Any:
        return html.sanitize(value) if isinstance(value, str) else value

    return _node(
        colander.String(),
        "html",
        name,
        title,
        missing="",
        preparer=clean,
        validator=colander.Length(max=MAX_BODY),
        **extra,
    )


def day(name: str, title: Message, **extra: Any) -> colander.SchemaNode:
    """A calendar day, or None."""
    return _node(colander.Date(), "date", name, title, missing=None, **extra)


def choice(
    name: str, title: Message, choices: Sequence[tuple[str, Message]], **extra: Any
) -> colander.SchemaNode:
    """One of a few values."""
    extra.setdefault("missing", choices[0][0])
    validator = colander.OneOf([value for value, _title in choices])
    return _node(
        colander.String(), "choice", name, title, choices=choices, validator=validator, **extra
    )


def tags(name: str, title: Message, **extra: Any) -> colander.SchemaNode:
    """Keywords, parted by commas or spaces."""
    return _node(Tuple(str), "tags", name, title, missing=(), **extra)


def url(name: str, title: Message, **extra: Any) -> colander.SchemaNode:
    """A web address, or a path on this site."""
    extra.setdefault("missing", "")
    pattern = colander.Regex(_SCHEMES, _("请填写以 http://、https:// 或 / 开头的网址。"))
    return _node(colander.String(), "url", name, title, validator=pattern, **extra)


def original() -> colander.SchemaNode:
    """The page that this one tells in another language, by its address; asked for only where that is spoken."""
    pattern = colander.Regex(r"/(?!/)", _("请填写本站页面的网址，以 / 开头。"))
    checks = colander.All(colander.Length(max=500), pattern)
    label = _("对应的中文页面（本站网址）")
    return line("original", label, validator=checks, is_translation=True)


def number(
    name: str, title: Message, *, low: int = 0, high: int = 10_000, **extra: Any
) -> colander.SchemaNode:
    """A whole number, or None."""
    extra.setdefault("missing", None)
    return _node(
        colander.Integer(),
        "int",
        name,
        title,
        validator=colander.Range(low, high),
        **extra,
    )


def place(name: str, title: Message, **extra: Any) -> colander.SchemaNode:
    """A site or section of the tree, by its uid; 0 for the one where the form is."""
    return _node(colander.Integer(), "place", name, title, missing=0, choices=(), **extra)


def unit(name: str, title: Message, **extra: Any) -> colander.SchemaNode:
    """A unit of the organisation, by its id; typed as its name, in characters or pinyin."""
    limit = colander.Length(max=80)
    return _node(colander.String(), "unit", name, title, missing="", validator=limit, **extra)


def rows(name: str, title: Message, columns: Columns, **extra: Any) -> colander.SchemaNode:
    """A few rows of short texts; the first column says whether there is a row."""
    return _node(Rows(columns), "rows", name, title, missing=(), columns=columns, **extra)


def _readable(node: colander.SchemaNode, value: str) -> None:
    if not colours.is_colour(value):
        raise colander.Invalid(node, _("请填写形如 #1a5fb4 的颜色。"))
    chosen = colours.parse(value)
    found = colours.contrast(chosen, colours.WHITE)
    if found < colours.READABLE:
        near = colours.until_readable(chosen, on=colours.WHITE, towards=colours.BLACK)
        facts = {"found": f"{found:.1f}", "near": colours.told(near)}
        text = _(
            "这个颜色与白底的对比度只有 ${found}:1，低于 4.5:1，文字会看不清。可以用相近的 ${near}。",
            mapping=facts,
        )
        raise colander.Invalid(node, text)


def color(name: str, title: Message, **extra: Any) -> colander.SchemaNode:
    """A colour as #rrggbb in which text can be read on white (WCAG 1.4.3)."""
    extra.setdefault("missing", "")
    return _node(colander.String(), "color", name, title, validator=_readable, **extra)


def file(name: str, title: Message, *, kind: str = "file", **extra: Any) -> colander.SchemaNode:
    """One stored file, or None; kind "image" for pictures."""
    return _node(Stored(), kind, name, title, missing=None, **extra)


def files(name: str, title: Message, **extra: Any) -> colander.SchemaNode:
    """Any number of stored files."""
    return _node(Tuple(StoredFile), "files", name, title, missing=(), **extra)


def pictures() -> colander.SchemaNode:
    """The pictures that stand within a rich text; its page shows them there and nowhere else."""
    return files("pictures", _("文中图片"), is_within=True)


def mapping(*nodes: colander.SchemaNode) -> colander.SchemaNode:
    """The schema of a type from its fields, in the order in which a person fills them in."""
    schema = colander.SchemaNode(colander.Mapping(unknown="ignore"))
    for node in nodes:
        schema.add(node)
    return schema
