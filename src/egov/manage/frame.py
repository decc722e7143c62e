"""What stands on every manage page: who is here, the tree, the breadcrumb, what has just been done."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPFound

from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.catalog.access import access_of
from egov.manage.tree import branches
from egov.model.item import Item
from egov.model.node import Node, lineage
from egov.security.policy import permits, table_for
from egov.web.full_disk import is_sparing
from egov.web.kept_forms import forget_form
from egov.web.rendering import say_in
from egov.web.urls import manage_url, public_url
from egov.workflow.stock import roles_that_may

# view, icon, title
_DESK = ("", "house", _("工作台"))
_BATCHES = ("batches", "list-task", _("批量任务"))
_CONTENT_WORK: tuple[tuple[str, str, Message], ...] = (
    ("inbox", "check2-square", _("待我审核")),
    ("releases", "collection", _("发布批次")),
)
# The same, and the duties of whom it is for.
_DUTY_PAGES: tuple[tuple[str, str, Message, frozenset[str]], ...] = (
    ("condition", "heart-pulse", _("运行状况"), frozenset({"system"})),
    ("users", "person-badge", _("账号"), frozenset({"system"})),
    ("groups", "people", _("用户组"), frozenset({"system", "security"})),
    ("people", "person-lines-fill", _("人员"), frozenset({"security"})),
    ("units", "diagram-3", _("组织机构"), frozenset({"security"})),
    ("all-grants", "key", _("全部授权"), frozenset({"security"})),
    ("audit", "journal-check", _("审计日志"), frozenset({"audit"})),
)


def page(request: Any, node: Node, title: Message = "") -> dict[str, Any]:
    """The values of the master template for a page about a node."""
    actor, session = request.actor, request.login_session
    flash: tuple[tuple[str, ...], ...] = ()
    if session is not None and session.flash:
        flash, session.flash = session.flash, ()
    has_content = _works_on_content(request)
    above = [n for n in reversed(list(lineage(node))) if permits(actor, Permission.PREVIEW, n)]
    return {
        "actor_name": actor.name,
        "seen_as": actor.name if session is not None and session.seen_as else "",
        "is_full": is_sparing(request.registry),
        "site_title": request.site.title,
        "title": title or node.title,
        "has_finder": request.view_name != "search",  # that page has one of its own
        "came_from": request.path_qs,
        "flash": [(tone, message, *more, "")[:3] for tone, message, *more in flash],
        "tree": branches(request, request.site, node),
        "on_portal": permits(actor, Permission.PREVIEW, request.site),
        "crumbs": [(n.title, manage_url(n)) for n in above],
        "has_content": has_content,
        "work": [
            _entry(request, *facts)
            for facts in (_DESK, *(_CONTENT_WORK if has_content else ()), _BATCHES)
        ],
        "duty_pages": [
            _entry(request, *facts) for *facts, duties in _DUTY_PAGES if duties & actor.duties
        ],
        "unread": _few(request.site.notices.unread(actor.id)),
        "node_title": node.title,
        "node_url": manage_url(node),
        "public_url": public_url(node) if permits(actor, Permission.VIEW, node) else "",
    }


def _works_on_content(request: Any) -> bool:
    """Whether this person has a role anywhere; who has only a duty looks after accounts, rights or the log."""
    access = access_of(request.site, request.actor.principals)
    return bool(access.where(roles_that_may(Permission.PREVIEW)))


def _few(count: int) -> str:
    return "99+" if count > 99 else str(count or "")


def _entry(request: Any, view: str, icon: str, title: Message) -> dict[str, Any]:
    here = request.context is request.site and request.view_name == view
    return {"url": manage_url(request.site, view), "icon": icon, "title": title, "here": here}


def chip(node: Node) -> dict[str, Any]:
    """The state of a node as icon, word and tone."""
    table = table_for(node)
    state = table.states[node.state]
    also = ""
    if isinstance(node, Item) and node.draft_state and node.live_state:
        also = table.states[node.live_state].title
    return {"title": state.title, "tone": state.tone, "icon": state.icon, "also": also}


def done(
    request: Any,
    node: Node,
    message: Message,
    view: str = "",
    tone: str = "success",
    part: str = "",
    **query: int,
) -> Any:
    """Go to a node's page and say there what was done; what of the query is nothing is left out.

    A part is needed where links lead to others: browsers stay there, below the message, if an answer names none.
    """
    say(request, message, tone)
    if tone != "danger":
        forget_form(request)
    url = manage_url(node, view, **{key: value for key, value in query.items() if value})
    return HTTPFound(f"{url}#{part}" if part else url)


def say(request: Any, message: Message, tone: str = "success", undo: str = "") -> None:
    """Show a message on the person's next page, perhaps with the address where it is taken back."""
    session = request.login_session
    session.flash = (*session.flash, (tone, say_in(request, message), undo))


def undo_url(node: Node, key: int) -> str:
    """Where a person sees what taking a step back would do; stands also for what lies in the trash."""
    return f"/manage/@@undo?uid={node.uid}&key={key}"


def inbox_count(request: Any, most: int = 100) -> int:
    """How much waits for this person's decision, up to `most`."""
    return sum(
        1
        for _item, _n in zip(reads.waiting(request.actor, request.site), range(most), strict=False)
    )
