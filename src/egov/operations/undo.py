"""Taking an operation back: what would come back, what stands in the way, and doing it.

Place, rules, settings and times come back through the operations that set them, so that the rights they ask for are
asked here too; editions and their states are put back as they were. Only what touches the same facts later stands in
the way.
"""

from __future__ import annotations

from typing import NamedTuple

from egov.base import clock
from egov.base.errors import Conflict, EgovError, Forbidden, Invalid, NotFound
from egov.base.i18n import Message, _, told
from egov.base.permissions import Permission
from egov.catalog.agenda import EXPIRE, PUBLISH
from egov.history.actions import ACTIONS
from egov.history.deeds import (
    CONTENT,
    PLACE,
    RULES,
    TIMES,
    WORDS,
    Deed,
    Facts,
    Undone,
    amend,
    binding,
    deed_of,
    facts,
)  # fmt: skip
from egov.history.trail import Entry
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, is_attached, site_of
from egov.operations.containers import configure, set_workflow
from egov.operations.delegation import Held
from egov.operations.keeping import undoable
from egov.operations.notices import tell
from egov.operations.passing import PASS_ON, pass_back
from egov.operations.publishing import note_forced
from egov.operations.record import record, require
from egov.operations.rights import give_back, revoke, set_inheritance
from egov.operations.schedule import may_schedule, schedule
from egov.operations.tree import delete, move, put_at, rename, undelete
from egov.operations.undo_desk import UNDO, put_desk_back, wait_again
from egov.operations.workflow import advance
from egov.security.policy import permits, roles_on, table_for
from egov.security.principals import Actor

MADE = frozenset({"create", "copy", "place", "undelete"})  # taken back by deleting
_BY_PUBLISHERS = frozenset({"backdate", "supersede"})
_IN_WRITING = frozenset({"edit", "restore", "discard_draft", "change", UNDO})
_AS = {"confirm": "approve"}  # whose right it is that another step asks for


class Outlook(NamedTuple):
    """What taking an entry back would do: the facts as they were and are, the grants elsewhere that come back with
    them, and what stands in the way.
    """

    entry: Entry
    was: Facts
    now: Facts
    along: tuple[Held, ...]
    problem: Message


def can_be_undone(entry: Entry) -> bool:
    """Whether an entry tells of something that can be taken back, and has not been."""
    if entry.deed is None:
        return entry.action in MADE
    return entry.deed.undone is None


def undo(site: SiteGroup, node: Node, key: int, *, by: Actor) -> Node:
    """Take one entry of a node's trail back; the node may lie in the trash.

    Raises NotFound where there is no such entry, Conflict if it has been taken back or something later touched the
    same, Forbidden without the right to the operation, and whatever the operations raise that put things back. Side
    effects: those operations', then the entry is marked, and who did it is told.
    """
    entry, deed = _found(node, key)
    if deed is None:
        delete(node, by=by)
        return node
    parts = _parts(site, node, key, deed, by)
    newest = {part.uid: part.log.maxKey() for part in parts}
    for part, keys in parts.items():
        _check_untouched(part, keys)
    names = deed.before.keys()
    if "parent" in names and not is_attached(node):
        undelete(site, node.uid, by=by)
    else:
        _put_place_back(node, deed.before, by)
    if entry.action == PASS_ON:
        pass_back(node, deed.before["grants"], by=by)
    elif not names.isdisjoint(RULES):
        _put_rules_back(parts, deed.before, by)
    if isinstance(node, Container):
        _put_settings_back(node, deed.before, by)
    if isinstance(node, Item):
        _put_item_back(node, entry, deed.before, by)
    put_desk_back(node, entry, _on_the_desk(deed.before), by, _named(entry))
    for part, keys in parts.items():
        for taken_back in keys:
            amend(part, taken_back, undone=Undone(by.id, clock.now()))
        _pair(part, keys[0], newest[part.uid])
    tell({entry.by}, UNDO, node, by=by, text=_named(entry))
    return node


def _on_the_desk(before: Facts) -> Facts:
    """What is put back by itself: not who dealt with an item before a step, which comes back with the step."""
    return before if before.keys().isdisjoint(CONTENT) else {}


def _parts(site: SiteGroup, node: Node, key: int, deed: Deed, by: Actor) -> dict[Node, list[int]]:
    """The entries that stand for a deed, on each node that it reached: its own first, then what fell with it."""
    parts = {node: [key]}
    for uid, fallen in deed.fallen:
        where: Node | None = site.catalog.nodes.get(uid)
        if where is None and uid in site.trash:
            where = site.trash[uid].node
        found = deed_of(where, fallen) if where is not None else None
        if where is None or found is None or found[1].undone is not None:
            continue  # destroyed, or given again by itself
        if not is_attached(where):  # its title may not be for this person's eyes
            raise Conflict(_("随之收回的授权中，有的所在内容已移入回收站，请先恢复那项内容。"))
        if not permits(by, Permission.GRANT, where):
            raise Forbidden(_("随之收回的授权中有您无权恢复的，这一步须由那里的管理员撤销。"))
        parts.setdefault(where, []).append(fallen)
    return parts


def _pair(node: Node, key: int, newest: int) -> None:
    """Let what has just been recorded and the entry that it took back answer for each other."""
    for made, entry in list(node.log.items(newest + 1)):
        if entry.deed is not None:
            amend(node, made, undoes=key)
    first = node.log[key].deed.undoes
    # Taking back what took it back: it stands again. A fall does not: it was given back by several steps.
    if first in node.log and not node.log[first].deed.fallen:
        amend(node, first, undone=None)


def outlook(site: SiteGroup, node: Node, key: int, *, by: Actor) -> Outlook:
    """What `undo` would do, found by doing it and giving that up; raises NotFound as it does."""
    entry, deed = _found(node, key, is_undone_too=True)
    names = deed.before.keys() if deed is not None else {"parent"}
    current = facts(node, names if is_attached(node) else ())
    was = dict(deed.before) if deed is not None else {"parent": 0}
    manager = site._p_jar.transaction_manager
    problem: Message = ""
    along: tuple[Held, ...] = ()
    mark = manager.savepoint()
    try:
        if deed is not None:
            parts = _parts(site, node, key, deed, by)
            along = tuple(
                h for part, keys in parts.items() if part is not node for h in _lost(part, keys[0])
            )
        undo(site, node, key, by=by)
    except EgovError as error:
        problem = error.message
    finally:
        mark.rollback()
    return Outlook(entry, was, {name: current.get(name) for name in names}, along, problem)


def _named(entry: Entry) -> str:
    action = told(ACTIONS.get(entry.action, entry.action))
    return f"{action}（{entry.by_name}，{clock.stamp(entry.at)}）"


def _found(node: Node, key: int, *, is_undone_too: bool = False) -> tuple[Entry, Deed | None]:
    entry: Entry | None = node.log.get(key) if node.log is not None else None
    if entry is None or (entry.deed is None and entry.action not in MADE):
        raise NotFound(_("没有可以撤销的这一步。"))
    found = deed_of(node, key)
    deed = found[1] if found is not None else None
    if deed is not None and deed.undone is not None and not is_undone_too:
        raise Conflict(_("这一步已经撤销过了。"))
    if deed is None and not is_attached(node) and not is_undone_too:
        raise Conflict(_("这一步已经撤销过了。"))
    if deed is None or is_undone_too:
        return entry, deed
    if "parent" not in deed.before and not is_attached(node):
        raise Conflict(_("“${title}”在回收站里，请先恢复它。", mapping={"title": node.title}))
    return entry, deed


def _check_untouched(node: Node, keys: list[int]) -> None:
    """Refuse where something later touched the same facts as some entries and still stands."""
    deeds = [node.log[key].deed for key in keys]
    for key, later in node.log.items(keys[0] + 1):
        other = later.deed
        if other is None or other.undone is not None or other.undoes or key in keys:
            continue
        if not binding(deeds[0].before).isdisjoint(other.before):
            names = {"who": later.by_name, "at": clock.stamp(later.at)}
            raise Conflict(
                _("之后 ${who} 于 ${at} 又改动了同一处，请先撤销那一步。", mapping=names)
            )
    if not deeds[-1].is_as_left(facts(node, deeds[-1].before)):
        raise Conflict(_("“${title}”在那以后又有变化，不能撤销。", mapping={"title": node.title}))


def _put_place_back(node: Node, before: Facts, by: Actor) -> None:
    if not before.keys() & set(PLACE):
        return
    if "parent" in before:
        parent = site_of(node).catalog.node(before["parent"])
        if not isinstance(parent, Container):
            raise Conflict(_("它原来所在的栏目已不存在。"))
        move(node, parent, by=by)
    if "name" in before:
        rename(node, before["name"], by=by)
    if "position" in before and "parent" in before:
        site_of(node).catalog.node(before["parent"]).put_at(str(node.__name__), before["position"])
    elif "position" in before:
        put_at(node, before["position"], by=by)


def _put_rules_back(parts: dict[Node, list[int]], before: Facts, by: Actor) -> None:
    node = next(iter(parts))
    if "grants" in before:
        lost = [held for part, keys in parts.items() for held in _lost(part, keys[0])]
        given = {(g.principal, g.role) for g in node.grants}
        reason = told(_("撤销上一步，恢复原来的授权"))
        give_back(lost, by=by, reason=reason)
        for key in given - {(g.principal, g.role) for g in before["grants"]}:
            revoke(node, *key, by=by)
    if "inherits" in before:
        set_inheritance(node, before["inherits"], by=by)


def _lost(node: Node, key: int) -> list[Held]:
    """The grants that a node had before an entry and does not have now."""
    now = set(node.grants)
    return [Held(node, given) for given in node.log[key].deed.before["grants"] if given not in now]


def _put_settings_back(node: Container, before: Facts, by: Actor) -> None:
    if "values" in before:
        configure(node, before["values"], by=by)
    old = before.get("workflows", node.workflows)
    for kind in old.keys() | node.workflows.keys():
        if old.get(kind) != node.workflows.get(kind):
            set_workflow(node, kind, old.get(kind, ""), by=by)
    if "state" in before:
        steps = table_for(node).leaving(node.state)
        step = next((step for step in steps if step.target == before["state"]), None)
        if step is None:
            raise Conflict(_("没有回到原来状态的步骤。"))
        advance(node, step.name, by=by)


def _put_item_back(item: Item, entry: Entry, before: Facts, by: Actor) -> None:
    names = before.keys()
    if not names.isdisjoint({*CONTENT, WORDS}):
        _put_content_back(item, entry, before, by)
    elif not names.isdisjoint(TIMES):
        schedule(item, before.get("publish_at", item.publish_at),
                 before.get("expire_at", item.expire_at), by=by)  # fmt: skip


@undoable
def _put_content_back(item: Item, entry: Entry, before: Facts, by: Actor) -> None:
    _check_may_write_back(item, entry, before, by)
    held = [edition for edition in (item.draft, item.live) if edition is not None]
    if WORDS in before and item.draft is not None:
        item.draft.write(before[WORDS], by.id)
    for name in CONTENT:
        if name in before and name != "forced":
            setattr(item, name, before[name])
    if "forced" in before:
        note_forced(item, before["forced"])
    _put_times_back(item, before)
    wait_again(item, before)
    for edition in held:
        if edition is not item.draft and edition is not item.live:
            item.leave_behind(edition)
    for current in (item.draft, item.live):
        if current is not None and item.editions is not None:
            item.editions.pop(current.number, None)
    item.enter(item.draft_state, live=False)
    item.title = item.work.values.get("title") or item.title
    item.modified = clock.now()
    site_of(item).catalog.index(item)
    record(by, UNDO, item, edition=item.work.number, comment=_named(entry))


def _put_times_back(item: Item, before: Facts) -> None:
    agenda = site_of(item).catalog.agenda
    for name, what in (("publish_at", PUBLISH), ("expire_at", EXPIRE)):
        if name in before:
            agenda.set(item.uid, what, getattr(item, name), before[name])
            setattr(item, name, before[name])


def _check_may_write_back(item: Item, entry: Entry, before: Facts, by: Actor) -> None:
    """Who may take a step may take it back; who may write may take back what was written."""
    table = table_for(item)
    for name in ("draft_state", "live_state"):
        if before.get(name) and before[name] not in table.states:
            raise Conflict(_("审核流程已更改，原来的状态不再存在。"))
    if before.get("draft", item.draft) is None and before.get("live", item.live) is None:
        raise Conflict(_("没有可以恢复的稿件。"))
    if entry.action == UNDO and not before.keys() <= {WORDS, "title"}:
        raise Invalid(_("撤销了的步骤不能再撤销，请重新办理这一步。"))
    name = _AS.get(entry.action, entry.action)
    roles = [step.roles for step in table.transitions if step.name == name]
    if roles:
        held = roles_on(by, item)
        if not by.is_system and all(held.isdisjoint(allowed) for allowed in roles):
            raise Forbidden(_("您没有撤销“${title}”这一步的权限。", mapping={"title": item.title}))
    elif entry.action == "remap":
        require(by, Permission.CONFIGURE, site_of(item))
    elif entry.action in _IN_WRITING:
        require(by, Permission.EDIT, item)
    elif entry.action not in _BY_PUBLISHERS or not may_schedule(item, by):
        raise Invalid(_("这一步不能撤销。"))
