"""Addresses of nodes on both faces."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

from egov.model.files import StoredFile
from egov.model.node import Node, path_of

MODERN = ".avif"
_SMALLER = re.compile(r"/-/file/\d+/[0-9a-f]+/w\d+/[^/]*\.webp\Z")
LEAVE = "/-/leave/{uid:[0-9]{1,18}}/{digest:[0-9a-f]{16}}"


def public_url(node: Node) -> str:
    """Where the public reads the node."""
    return path_of(node)


def manage_url(node: Node, view: str = "", **query: object) -> str:
    """Where the node is worked on."""
    path = path_of(node)
    url = "/manage" + (path if path != "/" else "") + "/" + (f"@@{view}" if view else "")
    url = url if view else url.rstrip("/") or "/manage"
    return f"{url}?{urlencode(query)}" if query else url


def preview_url(item: Node) -> str:
    """Where who may see an item's draft sees it as the public would."""
    return f"/-/preview/i{item.uid}{path_of(item)}"


def blocks_preview_url(page: Node) -> str:
    """Where who may arrange a page sees its drafted blocks as the public would."""
    return f"/-/preview/b{page.uid}{path_of(page)}"


def modern_url(url: str) -> str:
    """The same picture as AVIF, whoever asks; empty for what is no picture in a smaller width."""
    return url.removesuffix(".webp") + MODERN if _SMALLER.match(url) else ""


def picture_url(node: Node, file: StoredFile, width: int) -> str:
    """Where a picture is fetched in a smaller width."""
    return f"/-/file/{node.uid}/{file.id}/w{width}/{quote(file.filename)}.webp"


def file_url(node: Node, file: StoredFile) -> str:
    """Where a file of an item is fetched; stays when the item moves."""
    return f"/-/file/{node.uid}/{file.id}/{quote(file.filename)}"
