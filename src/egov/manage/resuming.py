"""What was sent after the session had ended comes back: in its own form, or on a page from which it is sent again."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.manage.frame import done, page
from egov.model.container import Container
from egov.model.site import SiteGroup
from egov.security.policy import permits
from egov.web.kept_forms import kept_forms
from egov.web.urls import manage_url

# Forms that fill themselves in again, and those that a page of its own sends again; none of them holds a password.
FILLED = frozenset({"add", "edit", "settings"})
AGAIN = frozenset({"assign", "offer", "offers", "remark", "review", "schedule", "step", "waive"})

_TITLES: dict[str, Message] = {
    "comment": _("意见"), "text": _("批注"), "note": _("说明"), "reason": _("原因"), "brief": _("要求"),
    "title": _("标题"),
}  # fmt: skip


@view_config(route_name="manage", context=SiteGroup, name="resume", request_method="GET",
             permission=Permission.AUTHENTICATED, renderer="templates/resume.pt")  # fmt: skip
def resume(context: SiteGroup, request: Any) -> Any:
    """What this person typed before signing in again, to be sent again or left."""
    form = next((form for form in kept_forms(request) if form.view in AGAIN), None)
    if form is None:
        return done(request, context, _("没有需要找回的内容。"), tone="info")
    typed = [(name, _TITLES[name], text) for name, text in form.fields if name in _TITLES and text]
    names = {name for name, _title, _text in typed}
    return page(request, context, _("找回您填写的内容")) | {
        "path": form.path,
        "subject": _subject(context, request, form.path),
        "at": clock.stamp(form.at),
        "typed": typed,
        "rest": [(name, value) for name, value in form.fields if name not in names],
        "lost_files": form.lost_files,
    }


def _subject(site: SiteGroup, request: Any, path: str) -> tuple[str, str] | None:
    """The title and the page of what the form was about, as far as this person may see it."""
    node: Any = site
    for name in urlsplit(path).path.split("/")[2:-1]:
        node = node.get(unquote(name)) if isinstance(node, Container) else None
    if node is None or not permits(request.actor, Permission.PREVIEW, node):
        return None
    return node.title, manage_url(node)
