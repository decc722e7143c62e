"""What a form asks while somebody writes in it: who else is here, what the checks find, and a draft for a new text."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.checks.findings import BLOCK
from egov.history.trail import last_entry
from egov.manage.drafts.merging import base_of
from egov.model import types
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.operations.checking import check_item
from egov.operations.content import create, version_of
from egov.operations.presence import Other, leave, look_in
from egov.operations.workflow import missing_fields
from egov.web.forms import read
from egov.web.rendering import say_in
from egov.web.urls import manage_url, preview_url

_REMEMBERED = 20  # forms of new texts in each session
MAX_TOKEN = 40


@view_config(route_name="manage", context=Item, name="presence", permission=Permission.EDIT,
             request_method="GET", renderer="json")  # fmt: skip
def presence(context: Item, request: Any) -> dict[str, Any]:
    """That this window is open; who else has the text open, and whether it is still the one that this window knows.

    It also brings the token for the form, which is another one after somebody has signed in anew.
    """
    asked = request.GET
    found = look_in(
        context, asked.get("window", ""), by=request.actor, writes=asked.get("wrote") == "1"
    )
    return _signed_in(request) | {
        "others": [say_in(request, _told(other)) for other in found],
        "newer": _newer(context, request, asked.get("version", "")),
    }


@view_config(route_name="manage", context=Item, name="presence", permission=Permission.EDIT,
             request_method="POST", renderer="json")  # fmt: skip
def close_window(context: Item, request: Any) -> dict[str, Any]:
    """This window was closed."""
    leave(context, request.POST.get("window", ""), by=request.actor)
    return {}


@view_config(route_name="manage", context=Container, name="presence", permission=Permission.ADD,
             request_method="GET", renderer="json")  # fmt: skip
def still_signed_in(context: Container, request: Any) -> dict[str, Any]:
    """Whether who writes a new text is still signed in."""
    return _signed_in(request) | {"others": [], "newer": ""}


def _signed_in(request: Any) -> dict[str, Any]:
    return {"user": request.actor.id, "csrf": request.login_session.csrf}


def _told(other: Other) -> Message:
    if other.is_own:
        return _("您在另一个窗口也打开了这篇稿件。")
    names = {"name": other.name}
    if other.writes:
        return _("${name} 正在写这篇稿件。", mapping=names)
    return _("${name} 也打开了这篇稿件，现在没有在写。", mapping=names)


def _newer(item: Item, request: Any, version: str) -> str:
    if version == version_of(item):
        return ""
    last = last_entry(item)
    if last is None or last.by == request.actor.id:
        return say_in(request, _("您在另一个窗口保存了新的内容。"))
    told = _("${name} 在 ${at} 保存了新的内容。", mapping={
        "name": last.by_name, "at": clock.local(item.modified).strftime("%H:%M")
    })  # fmt: skip
    return say_in(request, told)


@view_config(route_name="manage", context=Item, name="checks", permission=Permission.PREVIEW,
             request_method="GET", renderer="templates/checks.pt")  # fmt: skip
def checks(context: Item, request: Any) -> dict[str, Any]:
    """What is still to be filled in or put right before the draft can be submitted."""
    return checks_of(context)


def checks_of(item: Item) -> dict[str, Any]:
    """What is missing and what the checks find, each with its field."""
    titles = {field.name: field.title for field in types.schema_of(type(item))}
    found = [
        (True, name, titles[name], message, "") for name, message in missing_fields(item).items()
    ]
    found += [
        (f.severity == BLOCK, f.field, titles.get(f.field, f.field), f.message, f.place)
        for f in check_item(item)
    ]
    return {"found": found, "blocking": sum(1 for blocks, *_rest in found if blocks)}


@view_config(route_name="manage", context=Container, name="autosave", permission=Permission.ADD,
             request_method="POST", renderer="json")  # fmt: skip
def keep_new(context: Container, request: Any) -> dict[str, Any]:
    """Make a draft of a new text as soon as it has a title, and tell where it is written on."""
    cls = types.get(request.GET.get("type", ""))
    node = begun(request)
    try:
        if node is None:
            values, _errors = read(request, cls.schema(), {})
            node = create(context, cls.type_info.name, values, by=request.actor)
            remember(request, node)
    except Invalid as error:
        request.response.status_int = 422
        return {"message": say_in(request, error.message)}
    return kept(node)


def kept(item: Node) -> dict[str, Any]:
    """What a form needs to go on with what has just been kept."""
    if not isinstance(item, Item):
        return {}
    return {
        "version": version_of(item),
        "base": base_of(item),
        "uid": item.uid,
        "saved": clock.local(clock.now()).strftime("%H:%M:%S"),
        "urls": {
            "edit": manage_url(item, "edit"),
            "autosave": manage_url(item, "autosave"),
            "presence": manage_url(item, "presence"),
            "checks": manage_url(item, "checks"),
            "attach": manage_url(item, "attach"),
            "preview": preview_url(item),
        },
    }


def begun(request: Any) -> Node | None:
    """What the same form has already made: a form that is sent twice makes one thing."""
    token = request.POST.get("form", "")[:MAX_TOKEN]
    uid = dict(request.login_session.begun).get(token) if token else None
    node: Node | None = request.site.catalog.node(uid) if uid else None
    return node


def remember(request: Any, node: Node) -> None:
    """Note what a form has made."""
    session, token = request.login_session, request.POST.get("form", "")[:MAX_TOKEN]
    if token:
        session.begun = (*session.begun, (token, node.uid))[-_REMEMBERED:]
