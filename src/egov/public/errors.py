"""Error pages in the visitor's surroundings: name, menu and footer of the site where the error happened."""

from __future__ import annotations

from typing import Any

from egov.base.i18n import Message
from egov.base.permissions import Permission
from egov.model.container import Container
from egov.model.node import Node
from egov.model.site import is_attached, subsite_of
from egov.public.frame import page
from egov.security.policy import permits

TEMPLATE = "egov.public:templates/error.pt"


def error_values(request: Any, title: Message) -> tuple[str, dict[str, Any]]:
    """The template of error pages, and the values of its surroundings."""
    home = _home(request)
    shown = page(request, home, home, title=title)
    about = shown["page"]
    about.other = about.crumbs = about.edit = about.canonical = about.path = ""
    return TEMPLATE, shown


def _home(request: Any) -> Container:
    # The nearest site that the reader may see: what is hidden and what is missing have the same surroundings.
    context = getattr(request, "context", None)
    if isinstance(context, Node) and is_attached(context):
        home = subsite_of(context)
        if permits(request.actor, Permission.VIEW, home):
            return home
    return request.site
