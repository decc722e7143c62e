"""The public pages: each prepares plain values and leaves the rest to a template."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config

from egov.base import clock
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.model.container import Container
from egov.model.files import StoredFile
from egov.model.item import Item
from egov.model.node import Node
from egov.model.placement import Placement
from egov.model.site import Section, SiteGroup, Subsite
from egov.public.frame import article_metas, page
from egov.public.lists import lines
from egov.security.policy import permits
from egov.web.urls import file_url, public_url

BLOCK_LINES = 6
_DOCUMENT_FACTS = (
    "index_no",
    "topic",
    "issuer",
    "written_on",
    "doc_no",
    "issued_on",
    "validity",
    "keywords",
)


@view_config(context=SiteGroup, permission=Permission.VIEW, renderer="templates/home.pt")
@view_config(context=Subsite, permission=Permission.VIEW, renderer="templates/home.pt")
def home(context: Container, request: Any) -> dict[str, Any]:
    """A site's home page: the newest of its sections, and on the portal the departments."""
    seen = [c for c in context.containers() if permits(request.actor, Permission.VIEW, c)]
    blocks = [_block(c, request.actor) for c in seen if isinstance(c, Section)]
    newest = reads.published(context, request.actor, limit=BLOCK_LINES, deep=True)
    return page(request, context) | {
        "newest": lines(newest.nodes, with_summary=True),
        "blocks": [block for block in blocks if block["lines"]],
        "departments": [(c.title, public_url(c)) for c in seen if isinstance(c, Subsite)],
        "description": context.values.get("description", ""),
    }


def _block(section: Container, actor: Any) -> dict[str, Any]:
    found = reads.published(section, actor, limit=BLOCK_LINES, deep=True)
    return {"title": section.title, "url": public_url(section), "lines": lines(found.nodes)}


@view_config(context=Section, permission=Permission.VIEW, renderer="templates/section.pt")
def section(context: Section, request: Any) -> dict[str, Any]:
    """A section: its sub-sections, and its items newest first, twenty to a page."""
    size = request.registry.egov.list_page_size
    number = _page_number(request)
    found = reads.published(context, request.actor, limit=size, offset=(number - 1) * size)
    last = max(1, -(-found.total // size))
    if number > last:
        raise HTTPNotFound
    children = [c for c in context.containers() if permits(request.actor, Permission.VIEW, c)]
    return page(request, context) | {
        "lines": lines(found.nodes, with_summary=context.values.get("layout") == "summary"),
        "children": [(c.title, public_url(c)) for c in children],
        "description": context.values.get("description", ""),
        "number": number,
        "last": last,
        "total": found.total,
        "previous": _page_url(context, number - 1) if number > 1 else "",
        "next": _page_url(context, number + 1) if number < last else "",
    }


def _page_number(request: Any) -> int:
    raw = request.GET.get("page", "1")
    if not raw.isascii() or not raw.isdigit() or not 0 < int(raw) < 1_000_000:
        raise HTTPNotFound
    return int(raw)


def _page_url(node: Node, number: int) -> str:
    return public_url(node) + (f"?page={number}" if number > 1 else "")


@view_config(context=Item, permission=Permission.VIEW, renderer="templates/item.pt")
def item(context: Item, request: Any) -> dict[str, Any]:
    """An item as it was approved: title, facts, text, attachments."""
    values = context.live.values if context.live else {}
    shown = page(request, context, context.live_title)
    shown["metas"] = shown["metas"] + article_metas(context, public_url(context))
    return shown | {
        "kind": context.type_name,
        "published": clock.stamp(context.published_at),
        "source": values.get("source") or values.get("issuer") or "",
        "author": values.get("author") or "",
        "summary": values.get("summary") or "",
        "body": values.get("body") or "",
        "facts": _facts(context, values),
        "link": values.get("url") or "",
        "picture": _picture(
            context, values.get("image") or values.get("cover"), values.get("alt", "")
        ),
        "files": [
            _file(context, f) for f in (*values.get("attachments", ()), *_one(values.get("file")))
        ],
        "notice": context.notice if context.live_state == "withdrawn" else "",
    }


def _facts(context: Item, values: Any) -> list[tuple[Any, str]]:
    if context.type_name != "official_document":
        return []
    found = []
    for field in type(context).schema():
        value = values.get(field.name)
        if field.name in _DOCUMENT_FACTS and value:
            text = "，".join(value) if isinstance(value, tuple) else value
            found.append((field.title, str(dict(getattr(field, "choices", ())).get(text, text))))
    return found


def _one(file: Any) -> tuple[StoredFile, ...]:
    return (file,) if isinstance(file, StoredFile) else ()


def _picture(context: Item, file: Any, alt: str) -> dict[str, Any] | None:
    if not isinstance(file, StoredFile):
        return None
    return {"url": file_url(context, file), "alt": alt, "width": file.width, "height": file.height}


def _file(context: Item, file: StoredFile) -> dict[str, str]:
    size = (
        f"{file.size / 1024:.0f} KB" if file.size < 1 << 20 else f"{file.size / (1 << 20):.1f} MB"
    )
    kind = file.filename.rpartition(".")[2].upper()
    return {"url": file_url(context, file), "title": file.filename, "kind": kind, "size": size}


@view_config(context=Placement, permission=Permission.VIEW)
def placement(context: Placement, request: Any) -> Any:
    """A placement leads to the one object that it shows."""
    return HTTPFound(public_url(context.target))


@view_config(context=SiteGroup, name="theme.css", permission=Permission.VIEW)
@view_config(context=Subsite, name="theme.css", permission=Permission.VIEW)
def theme(context: Container, request: Any) -> Any:
    """The site's own colour, over the tokens that all share."""
    accent = context.values.get("accent") or request.site.values.get("accent") or "#1d4f91"
    text = f":root {{ --accent: {accent}; }}\n"
    return Response(text, content_type="text/css", cache_control="public, max-age=86400")
