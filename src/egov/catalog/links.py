"""Links within the site: what an address leads to, and which items link to what."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from egov.model.container import Container
from egov.model.node import Node
from egov.model.site import SiteGroup

FIELD = "links"  # the catalog's field that holds, for each uid, the items that link to it
LOST = "lost_links"  # for each address on this site that led nowhere when it was written
OUTSIDE = "outside"  # for each address of another site
ORIGINAL = "original"  # for each uid, the items and sections that tell it in another language
MOST_ADDRESS = 500
MOST_LINKS = 500

_ADDRESS = re.compile(r'\s(?:href|src)="(/[^"]*)"')
_FAR = re.compile(r'\shref="(https?://[^"]+)"')
_BY_UID = re.compile(r"/-/(?:node|file)/(\d{1,18})(?:/|$)")


def leads_to(site: SiteGroup, address: str) -> Node | None:
    """The node at an address of this site, wherever it has moved; None where there is none."""
    parts = urlsplit(address)
    if parts.netloc and parts.netloc != site.values.get("domain"):
        return None
    path = unquote(parts.path)
    if named := _BY_UID.match(path):
        return _node(site, int(named[1]))
    node: Node = site
    for name in filter(None, path.split("/")):
        if name.startswith("@@"):
            break
        child = node.get(name) if isinstance(node, Container) else None
        if child is None and isinstance(node, Container) and node.moved is not None:
            child = _node(site, node.moved.get(name, 0))
        if child is None:
            return None
        node = child
    return node


def addresses_in(values: Mapping[str, Any]) -> Iterator[str]:
    """The addresses on this site to which the rich texts of an edition link."""
    for value in values.values():
        if isinstance(value, str) and '="/' in value:
            yield from _ADDRESS.findall(value)[:MOST_LINKS]


def outside_in(values: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of other sites to which the rich texts and fields of an edition link."""
    for value in values.values():
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            yield value[:MOST_ADDRESS]
        elif isinstance(value, str) and '="http' in value:
            for address in _FAR.findall(value)[:MOST_LINKS]:
                yield html.unescape(address).partition("#")[0][:MOST_ADDRESS]


def lost_in(site: SiteGroup, values: Mapping[str, Any]) -> Iterator[str]:
    """The addresses on this site to which an edition links and that lead nowhere."""
    for address in addresses_in(values):
        if leads_to(site, address) is None and not address.startswith(("//", "/static/")):
            yield address[:MOST_ADDRESS]


def linked_from(site: SiteGroup, values: Mapping[str, Any]) -> set[int]:
    """The uids of what an edition links to."""
    found = (leads_to(site, address) for address in addresses_in(values))
    return {node.uid for node in found if node is not None}


def original_in(site: SiteGroup, values: Mapping[str, Any]) -> list[str]:
    """The uid of what an edition tells in another language, if it says so."""
    address = values.get("original")
    node = leads_to(site, address) if address else None
    return [str(node.uid)] if node is not None else []


def links_to(site: SiteGroup, uid: int) -> list[Node]:
    """The items that link to a node, in their draft or to the public."""
    known = site.catalog.fields.get(FIELD, {}).get(str(uid), ())
    return [node for other in known if other != uid and (node := _node(site, other)) is not None]


def linked_uids(site: SiteGroup) -> Iterator[int]:
    """The uids of everything that some item links to."""
    return (int(uid) for uid in site.catalog.fields.get(FIELD, ()))


def _node(site: SiteGroup, uid: int) -> Node | None:
    found: Node | None = site.catalog.node(uid)
    return found
