"""The same page in another language: what an English page tells, and what tells a Chinese page in English."""

from __future__ import annotations

from typing import Any

from egov.base.permissions import Permission
from egov.catalog.links import ORIGINAL, leads_to
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, Subsite, language_of
from egov.security.policy import permits
from egov.security.principals import Actor
from egov.web.hant import PREFIX


def english_home(site: SiteGroup, actor: Actor) -> Container | None:
    """Where the English part of the site group begins, if there is one."""
    written = (c for c in site.containers() if c.values.get("language") == "en")
    return next((c for c in written if permits(actor, Permission.VIEW, c)), None)


def counterpart_of(site: SiteGroup, node: Node, actor: Actor) -> Node | None:
    """The page in the other language, Chinese or English, as far as this reader may see it."""
    if language_of(node):
        found = _original_of(site, node)
        return found if found is not None and _is_shown(found, actor) else None
    if node is site:
        return english_home(site, actor)
    told = site.catalog.fields.get(ORIGINAL, {}).get(str(node.uid), ())
    if not told:
        return None
    nodes = (site.catalog.node(uid) for uid in told)
    english = (n for n in nodes if n is not None and language_of(n))  # it may have been moved since
    return next((n for n in english if _is_shown(n, actor)), None)


def editions(chinese: str, english: str, has_hant: bool) -> list[tuple[str, str]]:
    """The languages in which a page can be read, and the path of each; the usual one for who asks for none of them."""
    if not chinese or not (english or has_hant):
        return []
    told = [
        ("zh-Hans", chinese),
        ("zh-Hant", PREFIX + chinese if has_hant else ""),
        ("en", english),
        ("x-default", chinese),
    ]
    return [(lang, path) for lang, path in told if path]


def _original_of(site: SiteGroup, node: Node) -> Node | None:
    values: Any = node.values if isinstance(node, Container) else {}
    if isinstance(node, Item) and node.live is not None:
        values = node.live.values
    if address := values.get("original"):
        found = leads_to(site, address)
        return found if found is not None and not language_of(found) else None
    return site if isinstance(node, Subsite) and node.__parent__ is site else None


def _is_shown(node: Node, actor: Actor) -> bool:
    is_public = not isinstance(node, Item) or node.live_state == "published"
    return is_public and permits(actor, Permission.VIEW, node)
