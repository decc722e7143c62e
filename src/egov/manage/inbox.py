"""The review inbox: what I may decide, the earliest deadline first; its filter stands in its address."""

from __future__ import annotations

from itertools import islice
from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.manage.bulk import bulk
from egov.manage.contents import steps_of
from egov.manage.desk import tasks_of, waiting_row
from egov.manage.frame import page
from egov.model import types
from egov.model.container import Container
from egov.model.item import Item
from egov.model.site import SiteGroup, Subsite
from egov.operations import inbox as operations
from egov.operations.inbox import Decision
from egov.security.principals import Directory
from egov.web.urls import manage_url
from egov.workflow.office import deciding_states, state_titles

PAGE_SIZE = 50
_DEEPEST = 200  # pages
_FILTERS = ("site", "type", "state", "who")


@view_config(
    route_name="manage", context=SiteGroup, name="inbox", permission=Permission.AUTHENTICATED,
    request_method="GET", renderer="templates/inbox.pt",
)  # fmt: skip
def inbox(context: SiteGroup, request: Any) -> dict[str, Any]:
    """What I may decide; of one site, type, state or author if the address says so."""
    asked = {key: request.GET.get(key, "").strip()[:100] for key in _FILTERS}
    number = min(max(1, as_number(request.GET.get("page"))), _DEEPEST)
    start = (number - 1) * PAGE_SIZE
    found = list(islice(_found(context, request.actor, asked), start, start + PAGE_SIZE + 1))
    nodes = [decision.item for decision in found[:PAGE_SIZE]]
    titles = state_titles(context)
    return page(request, context, _("待我审核")) | {
        "tasks": tasks_of(context, request.actor) if number == 1 and not any(asked.values()) else [],
        "waiting": [deciding_row(d, context.directory) for d in found[:PAGE_SIZE]],
        "bulk_steps": [(s.name, s.title) for s in steps_of(nodes, request.actor)],
        "asked": asked,
        "is_filtered": any(asked.values()),
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


def _homes(site: SiteGroup) -> list[Container]:
    return [h for h in (site, *site.containers()) if h is site or isinstance(h, Subsite)]


def _found(site: SiteGroup, actor: Any, asked: dict[str, str]) -> Any:
    named = (home for home in _homes(site) if home.__name__ and home.__name__ == asked["site"])
    return operations.inbox(
        actor,
        next(named, site),
        states=(asked["state"],) if asked["state"] else None,
        types=(asked["type"],) if asked["type"] else None,
        owners=_people(site.directory, asked["who"]) if asked["who"] else None,
    )


def _people(directory: Directory, asked: str) -> set[str]:
    """The people who are called so, by their account or a part of their name."""
    wanted = asked.lower()
    users = directory.users.values()
    return {u.id for u in users if wanted in (u.id.lower(), u.name.lower()) or wanted in u.name}


def _at(site: SiteGroup, asked: dict[str, str], number: int) -> str:
    query = {key: value for key, value in asked.items() if value} | {"page": number}
    return manage_url(site, "inbox", **query)


def deciding_row(found: Decision, directory: Directory) -> dict[str, Any]:
    """What waits as a row: until when, and where it is compared with what the public reads."""
    item, late = found.item, (clock.today() - found.due).days
    against = ""
    if item.draft is not None and item.live is not None:
        against = manage_url(item, "compare", a=item.live.number, b=item.draft.number)
    return waiting_row(item, directory) | {
        "uid": item.uid,
        "due": clock.day(found.due),
        "late": max(0, late),
        "compare": against,
        "remarks": item.desk.open_count if item.desk is not None else 0,
    }
