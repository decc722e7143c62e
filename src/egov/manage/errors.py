"""Error pages of the back office: with its side, so that whoever got lost goes on from there."""

from __future__ import annotations

from typing import Any

from egov.base.i18n import Message
from egov.manage.frame import page

TEMPLATE = "egov.manage:templates/error.pt"


def error_values(request: Any, title: Message) -> tuple[str, dict[str, Any]]:
    """The template of error pages, and the values of its surroundings."""
    # The same to the byte for what is hidden and what is missing: the address stands nowhere in it.
    return TEMPLATE, page(request, request.site, title) | {"crumbs": [], "came_from": "/manage"}
