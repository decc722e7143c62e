"""The tree of sites and sections at the left; a branch is fetched when it is opened."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.model.container import Container
from egov.model.node import Node, inside
from egov.model.site import SiteGroup
from egov.security.policy import permits
from egov.web.urls import manage_url

SHOWN = 100  # of one branch; the rest stands in the list of the container itself
DEEPEST = 12


def branches(
    request: Any, top: Container, node: Node | None, level: int = 0
) -> list[dict[str, Any]]:
    """The containers to show below one: its own, and those on the way to a node, as far as this person may see them."""
    found: list[dict[str, Any]] = []

    def walk(container: Container, level: int) -> None:
        shown = 0
        for child in container.containers():
            here = node is not None and inside(node, child)
            if permits(request.actor, Permission.PREVIEW, child):
                shown += 1
                if shown > SHOWN and not here:
                    continue
                found.append(_branch(child, level, is_node=child is node, is_open=here))
                if here:
                    walk(child, level + 1)
            elif here:
                walk(child, level)
        if shown > SHOWN:
            found.append(_rest(container, level, shown - SHOWN))

    walk(top, level)
    return found


def _branch(child: Container, level: int, *, is_node: bool, is_open: bool) -> dict[str, Any]:
    return {
        "uid": child.uid,
        "title": child.title,
        "url": manage_url(child),
        "level": min(level, DEEPEST),
        "here": is_node,
        "open": is_open,
        "inside": child.has_containers,
        "hidden": child.state == "hidden",
    }


def _rest(container: Container, level: int, count: int) -> dict[str, Any]:
    view = "contents" if isinstance(container, SiteGroup) else ""
    title = _("另有 ${count} 个…", mapping={"count": count})
    plain = {"uid": 0, "here": False, "open": False, "inside": False, "hidden": False}
    return plain | {
        "title": title,
        "url": manage_url(container, view),
        "level": min(level, DEEPEST),
    }


@view_config(route_name="manage", context=Container, name="branch", permission=Permission.PREVIEW,
             renderer="templates/branch.pt")  # fmt: skip
def branch(context: Container, request: Any) -> dict[str, Any]:
    """What stands below a container, as lines of the tree."""
    level = min(as_number(request.GET.get("level")), DEEPEST)
    return {"tree": branches(request, context, None, level)}
