"""What of an item is indexed: title, text, numbers, the text of its attachments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, cast

from egov.base import clock
from egov.base.html import plain
from egov.base.i18n import told
from egov.catalog.index import FOUND_BY_THE_PUBLIC, domain_of
from egov.extract import MAX_TEXT, text_of
from egov.model.files import StoredFile
from egov.model.item import Item
from egov.model.node import Node
from egov.model.types import schema_of
from egov.search.entries import Document
from egov.search.telephones import stretches

_NUMBER_FIELDS = ("doc_no", "index_no")
_ASKED_BY_NAME = frozenset({"phone", "address", "hours", "email", "post", "duties", "head"})
# Told in another place of a document; the last is an address.
_TOLD_APART = frozenset({"title", "summary", *_NUMBER_FIELDS, "original"})


def document_of(node: Node | None) -> Document | None:
    """The document of a node, None where the public finds none: other types, drafts, what was taken down."""
    if not isinstance(node, Item) or node.live is None or node.published_at is None:
        return None
    if node.live_state not in FOUND_BY_THE_PUBLIC:
        return None
    found = told_by(
        node, node.live.values, node.live_title, node.published_at, domain=domain_of(node).uid
    )
    return found._replace(validity=node.validity)


def _line(values: Mapping[str, Any], name: str, label: str) -> str:
    value = values.get(name) or ""
    # Who asks for an office's telephone uses that word, which stands nowhere in what the office wrote.
    return f"{label}：{value}" if value and name in _ASKED_BY_NAME else value


@cache
def _lines(cls: Any) -> tuple[tuple[str, str], ...]:
    """The fields of a type that hold words in lines of their own, with their titles."""
    return tuple(
        (node.name, told(node.title))
        for node in schema_of(cls)
        if node.kind in ("line", "text") and node.name not in _TOLD_APART
    )


def told_by(
    node: Node, values: Mapping[str, Any], title: str, at: datetime, *, domain: int, **more: str
) -> Document:
    """The document of a node by the values of one edition or of its settings, and by the day that counts."""
    return Document(
        uid=node.uid,
        domain=domain,
        kind=node.type_name,
        published=clock.micros(at),
        year=clock.local(at).year,
        title=title,
        text=_text(node, values)[:MAX_TEXT],
        numbers=(*(values[f] for f in _NUMBER_FIELDS if values.get(f)), *_telephones(values)),
        keywords=tuple(values.get("keywords") or ()),
        validity=values.get("validity") or "",
        issuer=values.get("issuer") or "",
        **more,
    )


def _telephones(values: Mapping[str, Any]) -> list[str]:
    return sorted(stretches(values.get("phone") or ""))


def _text(node: Node, values: Mapping[str, Any]) -> str:
    parts = [values.get("summary") or "", plain(values.get("body") or "")]
    if isinstance(node, Item):
        parts += [_line(values, *field) for field in _lines(cast(Any, type(node)))]
    for file in (values.get("file"), *(values.get("attachments") or ())):
        if isinstance(file, StoredFile):
            parts += [file.filename, text_of(file)]
    return "\n".join(part for part in parts if isinstance(part, str) and part)
