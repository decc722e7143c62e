"""What a person may decide on an item now, for the bar at the foot of its pages."""

from __future__ import annotations

from typing import Any

from egov.base.i18n import Message
from egov.base.text import as_number
from egov.catalog import reads
from egov.model.item import Item
from egov.operations.publishing import FORCE
from egov.operations.workflow import available
from egov.security.policy import table_for
from egov.web.urls import manage_url


def decision(item: Item, request: Any, error: Message = "", comment: str = "") -> dict[str, Any]:
    """The steps that this person may take, the usual next one first, and what was typed before."""
    steps = available(item, request.actor)
    return {
        "steps": [step for step in steps if step.name != FORCE],
        "forcing": next((step for step in steps if step.name == FORCE), None),
        "is_update": item.live is not None and any(step.name == "publish" for step in steps),
        "step_url": manage_url(item, "step"),
        "error": error,
        "comment": comment,
        "next_url": _next_url(item, request),
    }


def against_live(item: Item) -> str:
    """Where the draft is compared with what the public reads; empty where one of them is missing."""
    if item.draft is None or item.live is None:
        return ""
    return manage_url(item, "compare", a=item.live.number, b=item.draft.number)


def leaves_review(item: Item) -> bool:
    """Whether a change of its draft takes an item out of the review that it waits in, or has passed."""
    return item.draft_state in table_for(item).deciding()


def _next_url(item: Item, request: Any) -> str:
    """Where somebody who decides goes on: to what stood behind this one when it was decided, or stands there now."""
    if uid := as_number(request.GET.get("next")):
        return manage_url(request.site, "next-waiting", uid=uid)
    if reads.decisions(request.actor, item):
        return manage_url(request.site, "next-waiting", after=item.uid)
    return ""
