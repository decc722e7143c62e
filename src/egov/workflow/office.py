"""The tables of a site group: those that come with egov, and what the office has made of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from persistent import Persistent

from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.workflow.stock import ITEM_TABLES, TABLES
from egov.workflow.table import ONLINE, Table, read_table

ITEM_PERMISSIONS = ("view", "preview", "edit", "arrange", "delete", "grant")
STEPS = {
    "submit": _("提交"),
    "retract": _("收回"),
    "approve": _("同意"),
    "return": _("退回"),
    "publish": _("发布"),
    "force": _("紧急发布"),
    "withdraw": _("撤回"),
    "unpublish": _("下线"),
    "republish": _("重新发布"),
}
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}\Z")
MAX_STATES, MAX_STEPS, MAX_TITLE = 20, 60, 40


class OfficeTable(Persistent):
    """A table that the office wrote, in the form in which tables are read; it stands before a stock one of its name."""

    _v_table: Table | None = None

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw

    @property
    def table(self) -> Table:
        """The table, read once by each process."""
        if self._v_table is None:
            self._v_table = read_table(self.raw)
        return self._v_table


def all_tables(site: Any) -> dict[str, Table]:
    """All tables of a site group by name."""
    return TABLES | {name: kept.table for name, kept in site.tables.items()}


def item_tables(site: Any) -> list[str]:
    """The names of the tables that items may follow, as they are offered."""
    return sorted({*ITEM_TABLES, *site.tables})


def deciding_states(site: Any) -> dict[str, frozenset[str]]:
    """Over all tables: the states that await a decision, and the roles that may take one there."""
    found: dict[str, frozenset[str]] = {}
    for table in all_tables(site).values():
        for state, roles in table.deciding().items():
            found[state] = found.get(state, frozenset()) | roles
    return found


def preview_roles(site: Any) -> dict[str, frozenset[str]]:
    """Over all tables: the roles that may see items in a state on the manage side.

    Used to choose what a listing reads; what it shows is checked against the item's own table.
    """
    found: dict[str, frozenset[str]] = {}
    for table in all_tables(site).values():
        for state in table.states.values():
            found[state.name] = found.get(state.name, frozenset()) | state.roles("preview")
    return found


def state_titles(site: Any) -> dict[str, Message]:
    """The title of each state; where tables differ, that of the first."""
    tables = reversed(all_tables(site).values())
    return {state.name: state.title for table in tables for state in table.states.values()}


def read_office_table(raw: Any) -> Table:
    """A table for items as an office may write one; raises Invalid for what would open a door or leave items stuck."""
    table = read_table(raw)
    if "roles" in raw:
        raise Invalid(_("流程中的角色是固定的。"))
    _check_words(table)
    if {s.name for s in table.states.values() if s.lane == "live"} != set(ONLINE):
        raise Invalid(_("已发布、已撤回、已下线三个状态是固定的。"))
    for state in table.states.values():
        _check_cells(state.title, state.lane, state.name, state.cells)
    for step in table.transitions:
        if step.name not in STEPS or not step.sources:
            raise Invalid(_("请说明步骤“${step}”从哪个状态开始。", mapping={"step": step.title}))
        if not step.roles:
            raise Invalid(_("步骤“${step}”没有人可以办理。", mapping={"step": step.title}))
    _check_reachable(table)
    _check_lanes(table)
    return table


def _check_words(table: Table) -> None:
    states, steps = table.states.values(), table.transitions
    if len(states) > MAX_STATES or len(steps) > MAX_STEPS:
        raise Invalid(_("一个流程最多有 20 个状态和 60 个步骤。"))
    if not all(isinstance(n, str) and _NAME.match(n) for n in (table.name, *table.states)):
        raise Invalid(_("流程和状态的代号只能用小写字母、数字和连字符。"))
    if not all(state.icon.replace("-", "").isalnum() for state in states):
        raise Invalid(_("图标的名称不合适。"))
    titles = (table.title, *(s.title for s in states), *(t.title for t in steps))
    if not all(0 < len(title.strip()) <= MAX_TITLE for title in titles):
        raise Invalid(_("流程、状态和步骤都要有名称，不超过 40 个字。"))


def _check_cells(
    title: Message, lane: str, name: str, cells: Mapping[str, Collection[str]]
) -> None:
    # Everybody on the public side holds the role of a reader.
    open_to_readers = {key for key, roles in cells.items() if "reader" in roles}
    allowed = {"view"} if lane == "live" and name != "unpublished" else set()
    if not open_to_readers <= allowed:
        raise Invalid(
            _(
                "读者（公众）只能阅读已发布或已撤回的内容：请看“${state}”。",
                mapping={"state": title},
            )
        )
    for needed in ("preview", "delete", "grant"):
        if "manager" not in cells.get(needed, ()):
            raise Invalid(
                _("管理员须能查看、删除“${state}”的内容并管理其权限。", mapping={"state": title})
            )


def _check_reachable(table: Table) -> None:
    reached, waiting = {table.start}, [table.start]
    while waiting:
        news = {step.target for step in table.leaving(waiting.pop())} - reached
        reached |= news
        waiting += news
    for state in table.states.values():
        where = {"state": state.title}
        if state.lane == "work" and state.name not in reached:
            raise Invalid(_("没有步骤通向“${state}”。", mapping=where))
        if state.lane == "work" and not table.leaving(state.name):
            raise Invalid(_("没有步骤离开“${state}”。", mapping=where))
    if not any(table.publishes(step) and step.name == "publish" for step in table.transitions):
        raise Invalid(_("流程中须有一个“发布”步骤。"))


def _check_lanes(table: Table) -> None:
    for step in table.transitions:
        lanes, target = {table.lane(source) for source in step.sources}, table.lane(step.target)
        goes_online = lanes == {"work"} and target == "live"
        fits = step.target == "published" if goes_online else lanes == {target}
        if not fits or goes_online != (step.name in ("publish", "force")):
            raise Invalid(_("步骤“${step}”的去向不合适。", mapping={"step": step.title}))
