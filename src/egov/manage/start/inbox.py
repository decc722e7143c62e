"""The review inbox: what I may decide, the earliest deadline first; its filter stands in its address."""

from __future__ import annotations

from itertools import islice
from typing import Any

from pyramid.httpexceptions import HTTPFound
from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.catalog import reads
from egov.manage.frame import page, say
from egov.manage.places.bulk import bulk
from egov.manage.places.contents import steps_of
from egov.manage.review.deciding import against_live
from egov.manage.review.desk import assignment_of, waiting_row
from egov.model import types
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, Subsite
from egov.operations import inbox as operations
from egov.operations.inbox import Decision
from egov.security.principals import Directory
from egov.web.urls import manage_url
from egov.workflow.office import deciding_states, state_titles

PAGE_SIZE = 50
_DEEPEST = 200  # pages
_FILTERS = ("site", "type", "state", "who", "given")


@view_config(
    route_name="manage", context=SiteGroup, name="inbox", permission=Permission.AUTHENTICATED,
    request_method="GET", renderer="templates/inbox.pt",
)  # fmt: skip
def inbox(context: SiteGroup, request: Any) -> dict[str, Any]:
    """What I may decide; of one site, type, state or author, or given to me, if the address says so."""
    asked = {key: request.GET.get(key, "").strip()[:100] for key in _FILTERS}
    number = min(max(1, as_number(request.GET.get("page"))), _DEEPEST)
    start = (number - 1) * PAGE_SIZE
    found = list(islice(_found(context, request.actor, asked), start, start + PAGE_SIZE + 1))
    nodes = [decision.item for decision in found[:PAGE_SIZE]]
    titles = state_titles(context)
    return page(request, context, _("待我审核")) | {
        "count": _count(context, request.actor, asked, len(found) if number == 1 else PAGE_SIZE + 1),
        "given": _given(context, request.actor, asked),
        "waiting": [_row(d, context.directory, request.actor.id) for d in found[:PAGE_SIZE]],
        "bulk_steps": [(s.name, s.title, s.next_step) for s in steps_of(nodes, request.actor)],
        "asked": asked,
        "is_filtered": any(asked[key] for key in _FILTERS if key != "given"),
        "sites": [(home.__name__, home.title) for home in _homes(context) if home is not context],
        "types": [(i.name, i.title) for cls in types.all_types() if issubclass(cls, Item) for i in [cls.type_info]],
        "states": [(name, titles[name]) for name in deciding_states(context)],
        "number": number,
        "before": _at(context, asked, number - 1) if number > 1 else "",
        "after": _at(context, asked, number + 1) if len(found) > PAGE_SIZE else "",
    }  # fmt: skip


@view_config(route_name="manage", context=SiteGroup, name="inbox", request_method="POST",
             permission=Permission.AUTHENTICATED)  # fmt: skip
def do_inbox(context: SiteGroup, request: Any) -> Any:
    """Decide on all that were ticked; each is decided by its own right, whoever may not see the portal's contents."""
    return bulk(context, request)


@view_config(route_name="manage", context=SiteGroup, name="next-waiting", request_method="GET",
             permission=Permission.AUTHENTICATED)  # fmt: skip
def next_waiting(context: SiteGroup, request: Any) -> Any:
    """Go to one that waits (`uid`), or to what waits behind one that is left as it is (`after`)."""
    left, wanted = (as_number(request.GET.get(key)) for key in ("after", "uid"))
    item = context.catalog.node(wanted)
    if not _may_decide(request.actor, item):  # somebody else was faster, or it is not asked for
        following = operations.following(request.actor, context, left or wanted)
        item = context.catalog.node(following)
    if not isinstance(item, Item) or not _may_decide(request.actor, item):
        say(request, _("没有别的内容等待您审核。"))
        return HTTPFound(manage_url(context, "inbox"))
    return HTTPFound(against_live(item) or manage_url(item))


def _may_decide(actor: Any, node: Node | None) -> bool:
    return isinstance(node, Item) and bool(reads.decisions(actor, node))


def _count(site: SiteGroup, actor: Any, asked: dict[str, str], found: int) -> Message:
    """How much there is: exactly where one page holds it, about where the indexes know it."""
    if found <= PAGE_SIZE:
        return _("共 ${count} 项", mapping={"count": found})
    if asked["who"] or asked["given"]:
        return ""
    about = reads.waiting_about(
        actor,
        _home(site, asked["site"]),
        states=(asked["state"],) if asked["state"] else None,
        types=(asked["type"],) if asked["type"] else None,
    )
    return _("约 ${count} 项", mapping={"count": f"{about:,}"})


def _given(site: SiteGroup, actor: Any, asked: dict[str, str]) -> list[tuple[Message, str, bool]]:
    """All, or what was given to me: as (title, address, whether that is shown)."""
    rest = {key: value for key, value in asked.items() if value and key != "given"}
    mine = sum(1 for _uid in site.tasks.of(actor.id))
    if not mine and not asked["given"]:
        return []
    return [
        (_("全部"), manage_url(site, "inbox", **rest), not asked["given"]),
        (_("交给我的"), manage_url(site, "inbox", **rest, given="me"), bool(asked["given"])),
    ]


def _homes(site: SiteGroup) -> list[Container]:
    return [h for h in (site, *site.containers()) if h is site or isinstance(h, Subsite)]


def _found(site: SiteGroup, actor: Any, asked: dict[str, str]) -> Any:
    return operations.inbox(
        actor,
        _home(site, asked["site"]),
        states=(asked["state"],) if asked["state"] else None,
        types=(asked["type"],) if asked["type"] else None,
        owners=_people(site.directory, asked["who"]) if asked["who"] else None,
        given_to=actor.id if asked["given"] else "",
    )


def _home(site: SiteGroup, name: str) -> Container:
    named = (home for home in _homes(site) if home.__name__ and home.__name__ == name)
    return next(named, site)


def _people(directory: Directory, asked: str) -> set[str]:
    """The people who are called so, by their account or a part of their name."""
    wanted = asked.lower()
    users = directory.users.values()
    return {u.id for u in users if wanted in (u.id.lower(), u.name.lower()) or wanted in u.name}


def _at(site: SiteGroup, asked: dict[str, str], number: int) -> str:
    query = {key: value for key, value in asked.items() if value} | {"page": number}
    return manage_url(site, "inbox", **query)


def _row(found: Decision, directory: Directory, by: str) -> dict[str, Any]:
    desk, given = found.item.desk, assignment_of(found.item, directory)
    is_mine = desk is not None and desk.assignment is not None and desk.assignment.to == by
    return deciding_row(found, directory) | {"given": given and given | {"is_mine": is_mine}}


def deciding_row(found: Decision, directory: Directory) -> dict[str, Any]:
    """What waits as a row: until when, and where it is compared with what the public reads."""
    item, late = found.item, (clock.today() - found.due).days
    return waiting_row(item, directory) | {
        "uid": item.uid,
        "due": clock.day(found.due),
        "late": max(0, late),
        "compare": against_live(item),
        "remarks": item.desk.open_count if item.desk is not None else 0,
    }
