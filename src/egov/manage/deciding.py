"""What a person may decide on an item now, for the bar at the foot of its pages."""

from __future__ import annotations

from typing import Any

from egov.base.i18n import Message
from egov.model.item import Item
from egov.operations.publishing import FORCE
from egov.operations.workflow import available
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
    }
