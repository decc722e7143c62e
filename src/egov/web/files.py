"""Files of items, signs of sites, banners of sections: who may see what shows a file may fetch it, nobody else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from pyramid.httpexceptions import HTTPFound, HTTPMovedPermanently, HTTPNotFound
from pyramid.view import view_config

from egov.base.permissions import Permission
from egov.model.container import Container
from egov.model.files import StoredFile, files_in
from egov.model.item import Item
from egov.model.node import Node
from egov.security.policy import permits
from egov.security.principals import ANONYMOUS, Actor
from egov.web.file_response import file_response
from egov.web.media_host import lead_to_media_host
from egov.web.urls import MODERN, manage_url, public_url

SHOWN_IN_PLACE = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "application/pdf"}
)


@view_config(route_name="preview_file", request_method="GET", permission=Permission.PUBLIC)
@view_config(route_name="file", request_method="GET", permission=Permission.PUBLIC)
def serve_file(request: Any) -> Any:
    """The bytes of a file, as a download unless a browser can show them safely."""
    file, kept = _asked_file(request)
    response = _response(request, file.stored, file.content_type, file.digest, kept)
    kind = "inline" if file.content_type in SHOWN_IN_PLACE else "attachment"
    response.content_disposition = f"{kind}; filename*=UTF-8''{quote(file.filename)}"
    return response


@view_config(route_name="preview_picture", request_method="GET", permission=Permission.PUBLIC)
@view_config(route_name="picture", request_method="GET", permission=Permission.PUBLIC)
def serve_picture(request: Any) -> Any:
    """A picture in a smaller width, in a form that the browser takes, by the same right as the picture.

    An address that ends in `.avif` names the form itself, for servers that cannot choose one.
    """
    (file, kept), width = _asked_file(request), int(request.matchdict["width"])
    is_named = request.matchdict["filename"].endswith(MODERN)
    is_modern = is_named or "image/avif" in request.headers.get("Accept", "")
    modern = is_named or (is_modern and file.stored_as(width, modern=True) is not None)
    find = partial(file.stored_as, width, modern=modern)
    if find() is None:
        raise HTTPNotFound
    kind = "avif" if modern else "webp"
    response = _response(request, find, f"image/{kind}", f"{file.digest}-{width}-{kind}", kept)
    if not is_named:
        response.vary = ("Accept",)
    return response


def _asked_file(request: Any) -> tuple[StoredFile, str]:
    """The file, and for how long others may keep it; raises HTTPFound where another host gives it."""
    node = request.site.catalog.node(int(request.matchdict["uid"]))
    file_id = request.matchdict["file"]
    file, kept = _file_for(request.actor, node, file_id)
    if file is None:
        raise HTTPNotFound
    # A preview shows what is no visitor's yet, though they could see it while it is made.
    if request.preview is None and _file_for(ANONYMOUS, node, file_id)[0] is not None:
        lead_to_media_host(request)
    return file, kept


def _file_for(actor: Actor, node: Node | None, file_id: str) -> tuple[StoredFile | None, str]:
    file, kept = None, "private, no-cache"
    if isinstance(node, Item):
        file = _allowed_file(actor, node, file_id)
    elif isinstance(node, Container) and permits(actor, Permission.VIEW, node):
        # It stands on every page of a site and changes its address with its bytes: nobody need ask for it again. But
        # what only some may see, a cache between here and them must not give to others.
        is_public = permits(ANONYMOUS, Permission.VIEW, node)
        kept = f"{'public' if is_public else 'private'}, max-age=31536000"
        file = next((f for f in files_in(node.values) if f.id == file_id), None)
    return file, kept


def _response(
    request: Any, find: Callable[[], Any], content_type: str, etag: str, kept: str
) -> Any:
    response = file_response(request, find, content_type)
    response.etag = etag
    response.accept_ranges = "bytes"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.cache_control = kept
    return response


def _allowed_file(actor: Any, item: Item, file_id: str) -> StoredFile | None:
    if (
        item.live is not None
        and permits(actor, Permission.VIEW, item)
        and (file := item.live.file(file_id))
    ):
        return file
    if permits(actor, Permission.PREVIEW, item):
        return next((f for edition in item.all_editions() if (f := edition.file(file_id))), None)
    return None


@view_config(route_name="node", request_method="GET", permission=Permission.PUBLIC)
def go_to_node(request: Any) -> Any:
    """Lead to where the node is now."""
    node = request.site.catalog.node(int(request.matchdict["uid"]))
    if node is not None and permits(request.actor, Permission.VIEW, node):
        return HTTPFound(public_url(node))
    if node is not None and permits(request.actor, Permission.PREVIEW, node):
        return HTTPFound(manage_url(node))
    raise HTTPNotFound


@view_config(route_name="favicon", request_method="GET", permission=Permission.PUBLIC)
def favicon(request: Any) -> Any:
    """Lead those who ask at the old fixed address to the icon that pages link."""
    return HTTPMovedPermanently("/static/web/icon.svg")
