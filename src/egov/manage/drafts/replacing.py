"""Find and replace: asked, every hit shown, then written into drafts as long work."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from pyramid.view import view_config

from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.manage.many.beginning import asking, start
from egov.manage.many.selecting import Selection
from egov.manage.review.deciding import leaves_review
from egov.model.container import Container
from egov.model.item import Item
from egov.operations.batches import MOST
from egov.operations.replacing import Replacement, check, hits
from egov.security.policy import permits
from egov.web.urls import manage_url

LOOKED_AT = 3_000
ITEMS_SHOWN = 100
HITS_SHOWN = 20  # of one item


@view_config(route_name="manage", context=Container, name="replace", permission=Permission.PREVIEW,
             request_method="GET", renderer="templates/replace.pt")  # fmt: skip
def show_replace(context: Container, request: Any) -> dict[str, Any]:
    """What is looked for, in everything below the container."""
    return replace_page(context, request, Selection(context, request, request.POST))


def replace_page(
    context: Container,
    request: Any,
    chosen: Selection,
    found: dict[str, Any] | None = None,
    error: Message = "",
) -> dict[str, Any]:
    """The form, with what was found where something was looked for; nothing chosen means all that is below."""
    sent = request.POST
    return asking(context, request, chosen, _("查找替换")) | {
        "replace_url": manage_url(context, "replace"),
        "find": sent.get("find", ""),
        "put": sent.get("put", ""),
        "any_case": "any_case" in sent,
        "whole_words": "whole_words" in sent,
        "error": error,
        "found": found,
    }


@view_config(route_name="manage", context=Container, name="replace", permission=Permission.PREVIEW,
             request_method="POST", renderer="templates/replace.pt")  # fmt: skip
def do_replace(context: Container, request: Any) -> Any:
    """Show every hit; or replace in those items that were left ticked, or in all."""
    sent, chosen = request.POST, Selection(context, request, request.POST)
    wanted = Replacement(
        sent.get("find", ""), sent.get("put", ""), "any_case" not in sent, "whole_words" in sent
    )
    try:
        check(wanted)
    except Invalid as error:
        return replace_page(context, request, chosen, error=error.message)
    if sent.get("do") == "replace":
        hit = Selection(context, request, _Ticked(sent))
        return start(context, request, "replace", hit.uids, wanted._asdict())
    if sent.get("do") == "all":
        items = [item.uid for item in islice(_items(context, request, chosen), MOST)]
        return start(context, request, "replace", items, wanted._asdict())
    return replace_page(context, request, chosen, _found(context, request, chosen, wanted))


class _Ticked:
    """The items left ticked among the hits, as a selection reads them."""

    def __init__(self, sent: Any) -> None:
        self.sent = sent

    def get(self, name: str, default: str = "") -> str:
        """Never the whole list."""
        return default

    def getall(self, _name: str) -> list[str]:
        """The ticked."""
        found: list[str] = self.sent.getall("hit")
        return found


def _items(context: Container, request: Any, chosen: Selection) -> Iterator[Item]:
    """The items to look at, those that this person may write."""
    nodes = iter(chosen.nodes(MOST)) if chosen.uids else reads.items_below(context, request.actor)
    return (
        node
        for node in nodes
        if isinstance(node, Item) and permits(request.actor, Permission.EDIT, node)
    )


def _found(
    context: Container, request: Any, chosen: Selection, wanted: Replacement
) -> dict[str, Any]:
    rows, looked_at, total = [], 0, 0
    for item in islice(_items(context, request, chosen), LOOKED_AT):
        looked_at += 1
        listed = list(hits(item, wanted))
        total += len(listed)
        if listed:
            rows.append(
                {
                    "uid": item.uid,
                    "title": item.title,
                    "url": manage_url(item),
                    "hits": listed[:HITS_SHOWN],
                    "more": max(0, len(listed) - HITS_SHOWN),
                    "makes_draft": item.draft is None,
                    "leaves_review": leaves_review(item),
                }
            )
    return {
        "rows": rows[:ITEMS_SHOWN],
        "items": len(rows),
        "total": total,
        "looked_at": looked_at,
        "is_cut": len(rows) > ITEMS_SHOWN or looked_at == LOOKED_AT,
    }
