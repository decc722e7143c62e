"""Putting back what hangs on a node beside its content: who deals with it, remarks, offers, blocks, tables."""

from __future__ import annotations

from contextlib import suppress

from egov.base.errors import Conflict, Forbidden, Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.history.deeds import (
    ASSIGNMENT,
    BLOCKS,
    DESK,
    GUIDE,
    OWNER,
    REVIEW,
    WAIVER,
    Facts,
    facts,
    is_part,
)
from egov.history.trail import Entry
from egov.model.arrangement import Arrangement
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, site_of
from egov.operations.assignments import put_back, require_assigner
from egov.operations.checking import may_waive
from egov.operations.discussion import desk_of
from egov.operations.keeping import keep
from egov.operations.passing import HAND_OVER, in_use, require_handing
from egov.operations.record import record, require
from egov.operations.reviewing import put_review
from egov.operations.submissions import put_offer_back, require_receiver
from egov.operations.tables import drop_table, save_table, version_of
from egov.security.policy import roles_on
from egov.security.principals import Actor

UNDO = "undo"


def put_desk_back(node: Node, entry: Entry, before: Facts, by: Actor, comment: str) -> None:
    """Put back, in an entry of its own, what an entry changed on the desk; nothing where it changed nothing there.

    Raises Forbidden for who might not have done it, Invalid or Conflict where it can no longer stand as it was.
    """
    names = [name for name in before if is_part(name) or name in DESK]
    if not names:
        return
    now = facts(node, names)
    for name in names:
        if is_part(name):
            _put_part_back(node, name, before[name], entry, by)
    if isinstance(node, Item):
        _put_duties_back(node, entry, before, by)
    if isinstance(node, Container) and not before.keys().isdisjoint(BLOCKS):
        _put_blocks_back(node, before, by)
    if isinstance(node, SiteGroup) and not before.keys().isdisjoint(GUIDE):
        require(by, Permission.CONFIGURE, node)
        for name in before.keys() & set(GUIDE):
            setattr(node.guide, name, before[name])
    record(by, UNDO, node, comment=comment)
    keep(node, now)


def _put_duties_back(item: Item, entry: Entry, before: Facts, by: Actor) -> None:
    """Put back who deals with an item, whose it is, when it is looked at again and what was waived."""
    if entry.action == HAND_OVER or OWNER in before:
        require_handing(item, by)
    elif ASSIGNMENT in before:
        require_assigner(item, by)
    if OWNER in before:
        item.owner = in_use(site_of(item), before[OWNER]).id
        site_of(item).catalog.index(item)
    if ASSIGNMENT in before:
        put_back(item, before[ASSIGNMENT])
    if REVIEW in before:
        require(by, Permission.EDIT, item)
        put_review(item, before[REVIEW])
    if WAIVER in before:
        if not may_waive(item, by):
            raise Forbidden(_("只有审核人可以放行，撰写过本稿的人不能放行。"))
        item.work.waiver = before[WAIVER]


def wait_again(item: Item, before: Facts) -> None:
    """Let an item wait again for whom it waited before a step; not where it waits for somebody now, or they left."""
    waits = item.desk is not None and item.desk.assignment is not None
    if before.get(ASSIGNMENT) is not None and not waits:
        with suppress(Invalid):
            put_back(item, before[ASSIGNMENT])


def _put_part_back(node: Node, name: str, state: Facts | None, entry: Entry, by: Actor) -> None:
    kind, _colon, key = name.partition(":")
    if kind == "remark" and isinstance(node, Item):
        _require_speaker(node, entry, by)
        desk_of(node).put_back(int(key), state)
    elif kind == "offer" and isinstance(node, Item):
        put_offer_back(node, int(key), state, by=by)
    elif kind == "table" and isinstance(node, SiteGroup):
        if state is None:
            drop_table(node, key, by=by)
        else:
            save_table(node, state["raw"], by=by, seen=version_of(node, key))
    elif isinstance(node, Container):
        require_receiver(by, node)
        ledger = site_of(node).ledger
        offers = ledger.offers_of(node.uid)
        if any((o.target, o.commission) == (node.uid, int(key)) for o in offers):
            raise Conflict(_("这项约稿已有报送，不能撤销。"))
        ledger.put_commission_back(node.uid, int(key), state)


def _require_speaker(item: Item, entry: Entry, by: Actor) -> None:
    """What somebody said is taken back by them or a manager; that it was settled, by anybody who sees it."""
    require(by, Permission.PREVIEW, item)
    is_own = entry.action == "resolve" or entry.by == by.id or by.is_system
    if not is_own and "manager" not in roles_on(by, item):
        raise Forbidden(_("批注只能由写的人或管理员撤销。"))


def _put_blocks_back(page: Container, before: Facts, by: Actor) -> None:
    require(by, Permission.PRESENT if "live_blocks" in before else Permission.COMPOSE, page)
    if page.arrangement is None:
        page.arrangement = Arrangement()
    current = facts(page) | before
    draft, live, former = (current[name] for name in BLOCKS)
    page.arrangement.put_back(draft, live, former, by.id)
