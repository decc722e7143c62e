"""The office's own workflow tables: what a change would do, making it, and items whose state has gone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from egov.base.errors import Conflict, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.history.deeds import facts, part
from egov.model import types
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.site import SiteGroup, site_of
from egov.operations.delegation import all_grants, people_named
from egov.operations.keeping import keep, undoable
from egov.operations.record import record, require
from egov.security.policy import table_for, table_in
from egov.security.principals import Actor
from egov.workflow.office import ITEM_PERMISSIONS, OfficeTable, all_tables, read_office_table
from egov.workflow.stock import TABLES
from egov.workflow.table import ROLES, Table, Transition


class Shift(NamedTuple):
    """A permission in a state, or a step, that a role gains or loses; `subject` is a permission's or a step's name."""

    state: Message
    subject: str
    step: Message
    role: str
    gains: bool


class Change(NamedTuple):
    """What a new table would change: `going` has the states that go, each with how many items stand there."""

    shifts: list[Shift]
    going: list[tuple[str, Message, int]]
    items: int  # follow the table
    people: dict[str, int | None]  # by role; None where that is everybody


def version_of(site: SiteGroup, name: str) -> str:
    """What a form must have seen of a table in order to change it; "" where there is no table of that name."""
    tables = all_tables(site)
    if name not in tables:
        return ""
    kept = site.tables.get(name)
    raw = json.dumps(kept.raw if kept else name, sort_keys=True, ensure_ascii=False)
    return sha256(raw.encode()).hexdigest()


def preview_table(site: SiteGroup, raw: Mapping[str, Any], *, by: Actor) -> Change:
    """What `save_table` would change; raises as it does and changes nothing."""
    require(by, Permission.CONFIGURE, site)
    new = read_office_table(raw)
    old = all_tables(site).get(new.name)
    if old is None:
        return Change([], [], 0, {})
    _check_item_table(old)
    standing = list(_standing(site, site, old.name))
    counts: dict[str, int] = {}
    for state, _kind, stream in standing:
        counts[state] = counts.get(state, 0) + stream.size
    going = [
        (name, state.title, counts.get(name, 0))
        for name, state in old.states.items()
        if name not in new.states
    ]
    shifts = [*_cell_shifts(old, new), *_step_shifts(old, new)]
    roles = {shift.role for shift in shifts}
    return Change(shifts, going, sum(counts.values()), {r: _people(site, r) for r in roles})


def havens(table: Table) -> list[str]:
    """Where items may be put whose state goes: at the start, or where somebody has yet to agree to them."""
    deciding = [
        name
        for name in table.deciding()
        if not any(table.publishes(step) for step in table.leaving(name) if step.name != "force")
    ]
    return [table.start, *deciding]


def save_table(
    site: SiteGroup,
    raw: Mapping[str, Any],
    *,
    by: Actor,
    seen: str,
    mapping: Mapping[str, str] | None = None,
) -> int:
    """Make a table the office's own, or change it; returns how many items were moved out of states that go.

    `mapping` says for a state that goes to which it leads; without a word that is the start. Raises Forbidden
    without `configure` on the portal, Invalid for a table that cannot be taken or a target that is not safe,
    Conflict if the table is not as it was `seen`. Side effects in order: table, items, catalog, audit.
    """
    require(by, Permission.CONFIGURE, site)
    table = read_office_table(raw)
    if version_of(site, table.name) != seen:
        raise Conflict(_("这个流程刚刚被别人改过，请重新打开后再改。"))
    if table.name in TABLES:
        _check_item_table(TABLES[table.name])
    for target in (mapping or {}).values():
        if target not in havens(table):
            raise Invalid(_("稿件只能移到起始状态或待审核的状态。"))
    before = facts(site, [part("table", table.name)])
    site.tables[table.name] = OfficeTable(dict(raw))
    site.catalog.rights_changed()
    moved = settle(site, by=by, mapping=mapping)
    record(by, "set_table", site, comment=f"{table.name}: {table.title}")
    keep(site, before)
    return moved


def drop_table(site: SiteGroup, name: str, *, by: Actor) -> int:
    """Let go of the office's table: a stock one of that name holds again; returns how many items were moved.

    Raises Forbidden without `configure` on the portal, Invalid where a section still follows it and no stock table
    has its name.
    """
    require(by, Permission.CONFIGURE, site)
    if name not in site.tables:
        raise Invalid(_("没有名为“${name}”的工作流。", mapping={"name": name}))
    users = [
        n
        for n in (site, *site.catalog.ruled_below(site))
        if name in getattr(n, "workflows", {}).values()
    ]
    if name not in TABLES and users:
        raise Invalid(
            _("“${title}”还在使用这个流程，请先另选。", mapping={"title": users[0].title})
        )
    before = facts(site, [part("table", name)])
    del site.tables[name]
    site.catalog.rights_changed()
    moved = settle(site, by=by)
    record(by, "drop_table", site, comment=name)
    keep(site, before)
    return moved


def settle(node: Node, *, by: Actor, mapping: Mapping[str, str] | None = None) -> int:
    """Put items at or below a node whose state is not in their table where the mapping says, else at the start.

    Their opinions go, for they were given in another order of steps. Returns how many. Reads only those items.
    """
    site = site_of(node)
    stranded = [node] if isinstance(node, Item) else list(_stranded(site, node))
    moved = 0
    for item in stranded:
        table = table_for(item)
        if not item.draft_state or item.draft_state in table.states:
            continue
        target = (mapping or {}).get(item.draft_state, table.start)
        if target not in table.states:
            target = table.start
        _remap(item, target, by)
        moved += 1
    return moved


@undoable
def _remap(item: Item, target: str, by: Actor) -> None:
    was = item.draft_state
    item.enter(target, live=False)
    item.opinions = ()
    site_of(item).catalog.index(item)
    record(by, "remap", item, edition=item.work.number, comment=f"{was} → {target}")


def _stranded(site: SiteGroup, top: Node) -> Iterator[Item]:
    if not isinstance(top, Container):
        return
    for state, kind, stream in _standing(site, top, ""):
        if state not in kind.states:
            for uid in list(stream.dates.values()):
                node = site.catalog.node(uid)
                if isinstance(node, Item):
                    yield node


def _standing(site: SiteGroup, top: Container, name: str) -> Iterator[tuple[str, Table, Any]]:
    """The streams of items at work at or below a container, with their state and table; `name` chooses one table."""
    kinds = {
        cls.type_info.name: cls.type_info for cls in types.all_types() if issubclass(cls, Item)
    }
    shelves = [shelf for shelf in site.catalog.shelves_of("work") if shelf[2] in kinds]
    for domain in reads.domains_below(top):
        holder = site.catalog.node(domain)
        container = holder if isinstance(holder, Container) or holder is None else holder.__parent__
        for shelf in shelves:
            stream = site.catalog.stream(shelf, domain)
            if stream is not None and stream.size:
                table = table_in(container, kinds[shelf[2]])
                if name in ("", table.name):
                    yield shelf[1], table, stream


def _check_item_table(table: Table) -> None:
    if not any(table.publishes(step) for step in table.transitions):
        raise Invalid(_("这个流程不是内容的流程，不能更改。"))


def _cell_shifts(old: Table, new: Table) -> Iterator[Shift]:
    for state in new.states.values():
        if state.name not in old.states:
            continue
        for permission in ITEM_PERMISSIONS:
            before, after = old.states[state.name].roles(permission), state.roles(permission)
            for role in ROLES:
                if (role in before) != (role in after):
                    yield Shift(state.title, permission, "", role, role in after)


def _step_shifts(old: Table, new: Table) -> Iterator[Shift]:
    before, after = _takers(old), _takers(new)
    for (name, source), (step, _roles) in {**before, **after}.items():
        state = new.states.get(source) or old.states[source]
        was = before[name, source][1] if (name, source) in before else frozenset()
        now = after[name, source][1] if (name, source) in after else frozenset()
        for role in ROLES:
            if (role in was) != (role in now):
                yield Shift(state.title, name, step.title, role, role in now)


def _takers(table: Table) -> dict[tuple[str, str], tuple[Transition, frozenset[str]]]:
    return {(t.name, source): (t, t.roles) for t in table.transitions for source in t.sources}


def _people(site: SiteGroup, role: str) -> int | None:
    wanted = "author" if role == "owner" else role
    held = (h.grant for h in all_grants(site) if h.grant.is_active())
    principals = frozenset(g.principal for g in held if g.role == wanted)
    return people_named(site, principals)
