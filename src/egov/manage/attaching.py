"""Files that go into a draft while it is written, and what an editor may link to or show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, NamedTuple

from pyramid.view import view_config

from egov.base.errors import Conflict, EgovError, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number, file_size
from egov.catalog import reads
from egov.manage.comparing import thumb
from egov.manage.frame import chip
from egov.manage.writing import kept
from egov.model import types
from egov.model.container import Container
from egov.model.files import StoredFile, files_in
from egov.model.item import Item
from egov.model.node import Node, lineage
from egov.model.site import SiteGroup
from egov.operations.attaching import attach
from egov.security.policy import permits
from egov.web.rendering import say_in
from egov.web.uploads import accept_upload
from egov.web.urls import file_url, public_url

_SHOWN = 100
_LOOKED_THROUGH = 2_000


class Choice(NamedTuple):
    """Something that can be linked to or shown."""

    title: Message
    url: str
    alt: str
    thumb: str
    hint: Message
    is_public: bool


@view_config(route_name="manage", context=Item, name="attach", permission=Permission.EDIT,
             request_method="POST", renderer="json")  # fmt: skip
def do_attach(context: Item, request: Any) -> dict[str, Any]:
    """Take one file into a field of the draft; `instead` names the one whose place it takes."""
    sent = request.POST
    name, part = sent.get("field", ""), sent.get("upload")
    fields = {field.name: field for field in types.schema_of(type(context))}
    kind = getattr(fields.get(name), "kind", "")
    only_images = kind == "image" or name == "pictures"
    try:
        file = _taken(part, request.registry.egov.upload_max_bytes, only_images)
        instead = sent.get("instead", "")[:80]
        added = attach(
            context, name, file, by=request.actor, expected=sent.get("version", ""),
            instead_of=instead,
        )  # fmt: skip
    except EgovError as error:
        request.response.status_int = 409 if isinstance(error, Conflict) else 422
        return {"message": say_in(request, error.message)}
    return kept(context) | {
        "added": told_file(context, added),
        "files": [told_file(context, f) for f in files_in({"": context.work.values.get(name)})],
        "replaced": f"/-/file/{context.uid}/{instead}/" if instead else "",
    }


def _taken(part: Any, limit: int, only_images: bool) -> StoredFile:
    if not getattr(part, "filename", ""):
        raise Invalid(_("请先选择文件。"))
    return accept_upload(part, limit=limit, only_images=only_images)


def told_file(item: Item, file: StoredFile) -> dict[str, str]:
    """A file of a draft, for its form."""
    return {
        "id": file.id,
        "name": file.filename,
        "size": file_size(file.size),
        "url": file_url(item, file),
        "thumb": thumb(item, file),
    }


@view_config(route_name="manage", context=SiteGroup, name="choose", request_method="GET",
             permission=Permission.AUTHENTICATED, renderer="templates/choose.pt")  # fmt: skip
def choose(context: SiteGroup, request: Any) -> dict[str, Any]:
    """What stands in a container, as far as this person may see it, and the files of the text that is written."""
    asked, actor, catalog = request.GET, request.actor, context.catalog
    kind = "image" if asked.get("kind") == "image" else "file"
    question = asked.get("q", "").strip().lower()[:60]
    at: Any = catalog.node(as_number(asked.get("at")))
    if not isinstance(at, Container) or not _may_see(actor, at):
        at = context
    item = catalog.node(as_number(asked.get("item")))
    own = isinstance(item, Item) and permits(actor, Permission.PREVIEW, item)
    return {
        "kind": kind,
        "question": asked.get("q", "")[:60],
        "at": at.uid,
        "above": [(n.title, n.uid) for n in reversed(list(lineage(at))) if _may_see(actor, n)],
        "below": [(c.title, c.uid) for c in at.containers() if _may_see(actor, c)],
        "own": list(_own(item, kind)) if own else [],
        "choices": _choices(at, actor, kind, question),
        "here": None if kind == "image" else (at.title, public_url(at)),
    }


def _may_see(actor: Any, node: Node) -> bool:
    return permits(actor, Permission.VIEW, node) or permits(actor, Permission.PREVIEW, node)


def _own(item: Item, kind: str) -> Iterator[Choice]:
    for file in files_in(item.work.values):
        if kind == "file" or file.is_image:
            name = PurePath(file.filename).stem
            url = file_url(item, file)
            yield Choice(file.filename, url, name, thumb(item, file), file_size(file.size), True)


def _choices(at: Container, actor: Any, kind: str, question: str) -> list[Choice]:
    """The items directly here; with words to look for, those in the whole of it whose title holds them."""
    deep = bool(question)
    wanted = ("image",) if kind == "image" else None
    if permits(actor, Permission.PREVIEW, at) and not deep:
        nodes = reads.contents(at, actor, limit=_SHOWN, types=wanted, sort="changed").nodes
    else:
        most = _LOOKED_THROUGH if deep else _SHOWN
        nodes = reads.published(at, actor, limit=most, deep=deep, types=wanted).nodes
    items = (node for node in nodes if isinstance(node, Item))
    found = (item for item in items if question in item.title.lower())
    return [choice for item in found if (choice := _choice(item, kind))][:_SHOWN]


def _choice(item: Item, kind: str) -> Choice | None:
    public = item.live_state == "published"
    hint: Message = item.type_info.title if public else chip(item)["title"]
    if kind == "image":
        image = item.work.values.get("image")
        if not isinstance(image, StoredFile):
            return None
        alt = item.work.values.get("alt") or item.title
        return Choice(item.title, file_url(item, image), alt, thumb(item, image), hint, public)
    return Choice(item.title, public_url(item), "", "", hint, public)
