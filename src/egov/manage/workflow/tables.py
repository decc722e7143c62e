"""Workflow tables in the browser: the list, the form, and what a change would do before it is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from egov.base.errors import Conflict, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import NODE_PERMISSIONS, Permission
from egov.manage.frame import done, page
from egov.manage.staff.effective import PERMISSION_TITLES
from egov.manage.workflow.rules import ROLE_NAMES
from egov.model.site import SiteGroup
from egov.operations.tables import (
    Change,
    drop_table,
    havens,
    preview_table,
    save_table,
    version_of,
)
from egov.web.urls import manage_url
from egov.workflow.office import ITEM_PERMISSIONS, STEPS, all_tables, item_tables, read_office_table
from egov.workflow.stock import TABLES
from egov.workflow.table import COMMENTS, MOST_APPROVALS, ROLES, TONES, Table, written

MAX_SENT = 60_000
_TONES = dict(zip(TONES, (_("灰色"), _("蓝色"), _("橙色"), _("绿色"), _("红色")), strict=True))
_COMMENTS = dict(zip(COMMENTS, (_("不写意见"), _("可写意见"), _("必须写明")), strict=True))
_GUARDS = {"not_author": _("写过这一版的人不能办理"), "new_person": _("每一审由不同的人办理")}
_ICONS = {"work": "circle", "live": "broadcast"}


@view_config(route_name="manage", context=SiteGroup, name="tables", permission=Permission.CONFIGURE,
             request_method="GET", renderer="templates/tables.pt")  # fmt: skip
def show_tables(context: SiteGroup, request: Any) -> dict[str, Any]:
    """The tables that items may follow."""
    tables = all_tables(context)
    return page(request, context, _("审核流程的规则")) | {
        "tables": [
            {
                "name": name,
                "title": tables[name].title,
                "states": tuple(s.title for s in tables[name].states.values() if s.lane == "work"),
                "is_stock": name in TABLES,
                "is_changed": name in context.tables,
                "url": manage_url(context, "table", name=name),
                "copy_url": manage_url(context, "table", name=name, copy="1"),
            }
            for name in item_tables(context)
        ],
        "error": request.params.get("error", ""),
    }


@view_config(route_name="manage", context=SiteGroup, name="tables", permission=Permission.CONFIGURE,
             request_method="POST")  # fmt: skip
def do_tables(context: SiteGroup, request: Any) -> Any:
    """Let go of what the office made of a table."""
    try:
        moved = drop_table(context, request.POST.get("name", ""), by=request.actor)
    except Invalid as error:
        return done(request, context, error.message, "tables", tone="danger")
    return done(request, context, _told_moved(moved), "tables")


@view_config(route_name="manage", context=SiteGroup, name="table", permission=Permission.CONFIGURE,
             request_method="GET", renderer="templates/table.pt")  # fmt: skip
def show_table(context: SiteGroup, request: Any) -> dict[str, Any]:
    """The form of one table, or of a new one that begins as a copy."""
    name = request.GET.get("name", "")
    if name not in item_tables(context):
        raise HTTPNotFound
    raw = written(all_tables(context)[name])
    if request.GET.get("copy"):
        raw = {**raw, "name": _free_name(context), "title": ""}
    return _form(context, request, raw, version_of(context, raw["name"]))


@view_config(route_name="manage", context=SiteGroup, name="table", permission=Permission.CONFIGURE,
             request_method="POST", renderer="templates/table.pt")  # fmt: skip
def do_table(context: SiteGroup, request: Any) -> Any:
    """Add a row, show what would change, or save what was shown."""
    sent, seen = request.POST, request.POST.get("seen", "")
    if sent.get("do") in ("save", "back"):
        raw = _unpacked(sent.get("table", ""))
        if sent["do"] == "back":
            return _form(context, request, raw, seen)
    else:
        raw = _read_form(sent)
    if sent.get("do") in ("state", "step"):
        return _form(context, request, raw, seen)
    try:
        if sent.get("do") == "save":
            mapping = {k[3:]: v for k, v in sent.items() if k.startswith("to:")}
            facts: dict[str, Any] = {"by": request.actor, "seen": seen, "mapping": mapping}
            moved = save_table(context, raw, **facts)
            return done(request, context, _told_moved(moved), "tables")
        change = preview_table(context, raw, by=request.actor)
        return _form(context, request, raw, seen) | _change(change, read_office_table(raw), raw)
    except (Invalid, Conflict) as error:
        return _form(context, request, raw, seen, error.message)


def _told_moved(moved: int) -> Message:
    if moved:
        return _("流程已更改；${n} 篇稿件已移出取消的状态。", mapping={"n": str(moved)})
    return _("流程已更改，立即生效。")


def _free_name(site: SiteGroup) -> str:
    known, number = all_tables(site), 1
    while f"office-{number}" in known:
        number += 1
    return f"office-{number}"


def _form(
    context: SiteGroup, request: Any, raw: Mapping[str, Any], seen: str, error: Message = ""
) -> dict[str, Any]:
    title = _("流程“${title}”", mapping={"title": raw["title"] or _("新流程")})
    return page(request, context, title) | {
        "raw": raw,
        "seen": seen,
        "error": error,
        "change": None,
        "permissions": [(p.value, PERMISSION_TITLES[p]) for p in NODE_PERMISSIONS if p in ITEM_PERMISSIONS],
        "roles": list(ROLE_NAMES.items()),
        "tones": list(_TONES.items()),
        "comments": list(_COMMENTS.items()),
        "guards": list(_GUARDS.items()),
        "kinds": list(STEPS.items()),
        "most_approvals": MOST_APPROVALS,
        "steps": list(enumerate(raw["transitions"])),
        "states": [(name, state["title"]) for name, state in raw["states"].items()],
        "tables_url": manage_url(context, "tables"),
    }  # fmt: skip


def _change(change: Change, table: Table, raw: Mapping[str, Any]) -> dict[str, Any]:
    def told(shift: Any) -> Message:
        what = shift.step or PERMISSION_TITLES[Permission(shift.subject)]
        names = {"state": shift.state, "role": ROLE_NAMES[shift.role], "what": what}
        if shift.gains:
            return _("在“${state}”，${role}可以：${what}", mapping=names)
        return _("在“${state}”，${role}不再可以：${what}", mapping=names)

    return {
        "change": change,
        "shifts": [(shift.gains, told(shift)) for shift in change.shifts],
        "people": [
            (ROLE_NAMES[role], "" if count is None else str(count))
            for role, count in change.people.items()
        ],
        "havens": [(name, table.states[name].title) for name in havens(table)],
        "packed": json.dumps(raw, ensure_ascii=False),
    }


def _read_form(sent: Any) -> dict[str, Any]:
    """The table as the form has it, in the form in which tables are read; nothing is checked here."""
    states: dict[str, Any] = {}
    for name in sent.getall("state")[:40]:
        if not sent.get(f"drop:{name}"):
            states[name] = {
                "title": sent.get(f"title:{name}", "").strip(),
                "lane": sent.get(f"lane:{name}", ""),
                "tone": sent.get(f"tone:{name}", ""),
                "icon": sent.get(f"icon:{name}", ""),
            } | {p: sent.getall(f"cell:{name}:{p}") for p in ITEM_PERMISSIONS}
    steps = [_read_step(sent, f"t:{n}:") for n in sent.getall("row")[:100]]
    raw = {
        "name": sent.get("name", ""),
        "title": sent.get("title", "").strip(),
        "start": sent.get("start", ""),
        "states": states,
        "transitions": [step for step in steps if step is not None],
    }
    if sent.get("do") == "state":
        _add_state(raw)
    if sent.get("do") == "step":
        raw["transitions"].append(_NEW_STEP | {"to": raw["start"]})
    return raw


_NEW_STEP = {
    "name": "approve", "title": "", "from": [], "to": "", "roles": ["manager"],
    "comment": "optional", "guards": ["not_author"], "approvals": 1,
}  # fmt: skip


def _add_state(raw: dict[str, Any]) -> None:
    number = 1
    while f"state-{number}" in raw["states"]:
        number += 1
    everyone = [role for role in ROLES if role not in ("reader", "owner")]
    made = {
        "title": "", "lane": "work", "tone": "warning", "icon": "hourglass-split",
        "preview": everyone, "edit": ["editor", "manager"], "arrange": ["editor", "manager"],
        "delete": ["manager"], "grant": ["manager"],
    }  # fmt: skip
    # Before the states of the public lane, which are always last.
    work = {k: v for k, v in raw["states"].items() if v["lane"] == "work"}
    rest = {k: v for k, v in raw["states"].items() if v["lane"] != "work"}
    raw["states"] = {**work, f"state-{number}": made, **rest}


def _read_step(sent: Any, key: str) -> dict[str, Any] | None:
    if sent.get(key + "drop"):
        return None
    count = sent.get(key + "approvals", "1")
    return {
        "name": sent.get(key + "name", ""),
        "title": sent.get(key + "title", "").strip(),
        "from": sent.getall(key + "from"),
        "to": sent.get(key + "to", ""),
        "roles": sent.getall(key + "roles"),
        "comment": sent.get(key + "comment", "optional"),
        "guards": sent.getall(key + "guards"),
        "next_step": bool(sent.get(key + "next")),
        "approvals": int(count) if count.isascii() and count.isdigit() else 0,
    }


def _unpacked(text: str) -> dict[str, Any]:
    """The table that was shown before saving; anything else is no request of ours."""
    try:
        raw = json.loads(text[:MAX_SENT])
        read_office_table(raw)
    except (ValueError, TypeError, KeyError, AttributeError, Invalid):
        raise HTTPNotFound from None
    return dict(raw)
