"""The first page after signing in: what is my next step?"""

from __future__ import annotations

from datetime import timedelta
from itertools import chain, islice
from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.history.trail import trail
from egov.manage.care.condition import GOOD, Line, condition_of
from egov.manage.care.upkeep import desk_marks
from egov.manage.frame import page
from egov.manage.review.desk import tasks_of, waiting_row
from egov.manage.start.inbox import deciding_row
from egov.model import types
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import Section, SiteGroup, subsite_of
from egov.model.types import TypeInfo
from egov.operations.delegation import ending_for
from egov.operations.inbox import inbox
from egov.operations.publishing import may_confirm
from egov.operations.submissions import receives
from egov.security.grants import ROLE_TITLES
from egov.security.policy import permits
from egov.security.principals import Directory
from egov.web.urls import manage_url

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
    """What waits for me, what I am writing, where I may write; what is not well, for who keeps egov running."""
    actor = request.actor
    mine = reads.mine(actor, context, states=("draft", "returned", "pending", "approved"), limit=10)
    return page(request, context, _("工作台")) | {
        "tasks": tasks_of(context, actor),
        "unreviewed": [
            waiting_row(node, context.directory)
            for node in context.unreviewed.values()
            if may_confirm(node, actor)
        ][:TASKS_SHOWN],
        "decides": reads.may_decide(actor, context),
        "waiting": [
            deciding_row(found, context.directory) for found in islice(inbox(actor, context), 5)
        ],
        "mine": [_own(node, context.directory) for node in mine],
        "unwell": _unwell(context, request),
        "places": _places(context, actor, mine),
        "inbox_url": manage_url(context, "inbox"),
        "offers": _offers(context, actor),
        "watched": desk_marks(request),
        "ending": [
            (ROLE_TITLES[h.grant.role], h.node.title, clock.day(h.grant.until))
            for h in ending_for(context, actor.principals, ENDS_SOON)
        ],
    }


def _unwell(site: SiteGroup, request: Any) -> list[Line]:
    """What the page of the condition warns of, for whom it is."""
    if not permits(request.actor, Permission.SYSTEM, site):
        return []
    return [line for line in condition_of(site, request) if line.tone != GOOD]


def _places(site: SiteGroup, actor: Any, mine: list[Node]) -> list[dict[str, Any]]:
    """Where this person may write, where they wrote last first, each with what to begin there."""
    recent: dict[Container, TypeInfo] = {}
    for node in mine:
        if isinstance(node.__parent__, Section) and permits(actor, Permission.ADD, node.__parent__):
            recent.setdefault(node.__parent__, node.type_info)
    where = reads.containers_where(actor, site, Permission.ADD)
    others = (place for place in where if isinstance(place, Section) and place not in recent)
    places = chain(recent, others)
    return [_place(section, recent.get(section)) for section in islice(places, PLACES_SHOWN)]


def _place(section: Section, last: TypeInfo | None) -> dict[str, Any]:
    first = last or next(c.type_info for c in types.addable(section) if issubclass(c, Item))
    return {
        "title": section.title,
        "site": subsite_of(section).title,
        "url": manage_url(section),
        "type": first.title,
        "begin": manage_url(section, "add", type=first.name),
    }


def _offers(site: SiteGroup, actor: Any) -> list[tuple[str, str, int, list[tuple[str, str]]]]:
    """The sites where this person decides on offers or may answer commissions, with how much waits."""
    found = []
    today = clock.local(clock.now()).date()
    ledger = site.ledger
    busy = (site.catalog.node(uid) for uid in ledger.busy())
    for home in (node for node in busy if isinstance(node, Container)):
        decides = receives(actor, home)
        if not decides and not permits(actor, Permission.ADD, home):
            continue
        count = sum(1 for _offer in ledger.open_for(home.uid)) if decides else 0
        asked = [
            (c.title, clock.day(c.deadline))
            for c in ledger.commissions_of(home.uid)
            if c.source == home.uid and c.deadline >= today
        ]
        if count or asked:
            found.append((home.title, manage_url(home, "offers"), count, asked))
    return found


def _own(node: Node, directory: Directory) -> dict[str, Any]:
    comment = (
        next((e.comment for e in trail(node) if e.action == "return"), "")
        if node.state == "returned"
        else ""
    )
    row = waiting_row(node, directory)
    del row["who"]  # it is oneself
    return row | {"comment": comment}
