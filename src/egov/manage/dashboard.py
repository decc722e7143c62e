"""The first page after signing in, and the review inbox: what is my next step?"""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.history.trail import trail
from egov.manage.desk import assignment_of
from egov.manage.frame import chip, page
from egov.model import types
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import Section, SiteGroup, Subsite, subsite_of
from egov.model.types import TypeInfo
from egov.operations.assignments import assigned_to
from egov.operations.delegation import ending_for
from egov.operations.publishing import may_confirm
from egov.operations.submissions import receives
from egov.security.grants import ROLE_TITLES
from egov.security.policy import permits
from egov.web.urls import manage_url
from egov.workflow.office import deciding_states, state_titles

INBOX_SHOWN = 200
TASKS_SHOWN = 50
PLACES_SHOWN = 12
ENDS_SOON = timedelta(days=30)


@view_config(
    route_name="manage",
    context=SiteGroup,
    permission=Permission.AUTHENTICATED,
    renderer="templates/dashboard.pt",
)
def dashboard(context: SiteGroup, request: Any) -> dict[str, Any]:
    """What waits for me, what I am writing, where I may write."""
    actor = request.actor
    mine = reads.mine(actor, context, states=("draft", "returned", "pending", "approved"), limit=10)
    return page(request, context, _("工作台")) | {
        "tasks": _tasks(context, actor),
        "unreviewed": [
            _waiting(node) for node in context.unreviewed.values() if may_confirm(node, actor)
        ][:TASKS_SHOWN],
        "decides": reads.may_decide(actor, context),
        "waiting": [_waiting(w.node) for w in islice(reads.waiting(actor, context), 5)],
        "mine": [_own(node) for node in mine],
        "places": _places(context, actor, mine),
        "inbox_url": manage_url(context, "inbox"),
        "offers": _offers(context, actor),
        "ending": [
            (ROLE_TITLES[h.grant.role], h.node.title, clock.day(h.grant.until))
            for h in ending_for(context, actor.principals, ENDS_SOON)
        ],
    }


@view_config(
    route_name="manage", context=SiteGroup, name="inbox", permission=Permission.AUTHENTICATED,
    renderer="templates/inbox.pt",
)  # fmt: skip
def inbox(context: SiteGroup, request: Any) -> dict[str, Any]:
    """What I may decide, oldest first; of one site, type, state or author if the address says so."""
    asked = {key: request.GET.get(key, "") for key in ("site", "type", "state", "who")}
    homes = [h for h in (context, *context.containers()) if h is context or isinstance(h, Subsite)]
    within = next(
        (home for home in homes if home.__name__ and home.__name__ == asked["site"]), context
    )
    found = (
        w.node
        for w in reads.waiting(request.actor, within, states=_states(asked["state"]))
        if asked["type"] in ("", w.node.type_name) and asked["who"] in ("", w.node.owner)
    )
    shown = list(islice(found, INBOX_SHOWN))
    titles = state_titles(context)
    states = {name: titles[name] for name in deciding_states(context)}
    items = [cls.type_info for cls in types.all_types() if issubclass(cls, Item)]
    return page(request, context, _("待我审核")) | {
        "tasks": _tasks(context, request.actor),
        "waiting": [_waiting(node) | _days(node) for node in shown],
        "is_cut": len(shown) == INBOX_SHOWN,
        "shown": INBOX_SHOWN,
        "asked": asked,
        "sites": [(h.__name__, h.title) for h in homes if h is not context],
        "types": [(info.name, info.title) for info in items],
        "states": list(states.items()),
    }


def _places(site: SiteGroup, actor: Any, mine: list[Node]) -> list[dict[str, Any]]:
    """Where this person may write, where they wrote last first, each with what to begin there."""
    recent = {node.__parent__: node.type_info for node in reversed(mine)}
    places = [
        c for c in reads.containers_where(actor, site, Permission.ADD) if isinstance(c, Section)
    ]
    ordered = sorted(places, key=lambda c: c not in recent)
    return [_place(section, recent.get(section)) for section in ordered[:PLACES_SHOWN]]


def _place(section: Section, last: TypeInfo | None) -> dict[str, Any]:
    first = last or next(c.type_info for c in types.addable(section) if issubclass(c, Item))
    return {
        "title": section.title,
        "site": subsite_of(section).title,
        "url": manage_url(section),
        "type": first.title,
        "begin": manage_url(section, "add", type=first.name),
    }


def _tasks(site: SiteGroup, actor: Any) -> list[dict[str, Any]]:
    """What was given to this person to deal with, the earliest due first."""
    found = []
    for node in assigned_to(site, actor, TASKS_SHOWN):
        given = assignment_of(node, site.directory)
        found.append(_waiting(node) | {"given": given})
    return found


def _states(state: str) -> tuple[str, ...] | None:
    return (state,) if state else None


def _days(node: Item) -> dict[str, Any]:
    """How long it has waited, and where it is compared with what the public reads."""
    compare = ""
    if node.draft is not None and node.live is not None:
        compare = manage_url(node, "compare", a=node.live.number, b=node.draft.number)
    remarks = node.desk.open_count if node.desk is not None else 0
    return {"days": (clock.now() - node.modified).days, "compare": compare, "remarks": remarks}


def _offers(site: SiteGroup, actor: Any) -> list[tuple[str, str, int, list[tuple[str, str]]]]:
    """The sites where this person decides on offers or may answer commissions, with how much waits."""
    found = []
    today = clock.local(clock.now()).date()
    for home in (site, *site.containers()):
        decides = receives(actor, home)
        if not decides and not permits(actor, Permission.ADD, home):
            continue
        ledger = site.ledger
        count = sum(1 for _offer in ledger.open_for(home.uid)) if decides else 0
        asked = [
            (c.title, clock.day(c.deadline))
            for c in ledger.commissions_of(home.uid)
            if c.source == home.uid and c.deadline >= today
        ]
        if count or asked:
            found.append((home.title, manage_url(home, "offers"), count, asked))
    return found


def _waiting(node: Node) -> dict[str, Any]:
    return {
        "title": node.title,
        "url": manage_url(node),
        "site": subsite_of(node).title,
        "since": clock.stamp(node.modified),
        "chip": chip(node),
        "owner": node.owner,
    }


def _own(node: Node) -> dict[str, Any]:
    comment = (
        next((e.comment for e in trail(node) if e.action == "return"), "")
        if node.state == "returned"
        else ""
    )
    return _waiting(node) | {"comment": comment}
