"""The rules of a workflow for people to read: state × role × permission, the steps as sentences, and a trial."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from egov.base.i18n import Message, _
from egov.base.permissions import NODE_PERMISSIONS, Permission
from egov.manage.frame import page
from egov.manage.staff.effective import PERMISSION_TITLES
from egov.model import types
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.security.grants import OWNER_TITLE, ROLE_TITLES
from egov.security.policy import table_for, table_in
from egov.workflow.table import ROLES, State, Table, Transition

ROLE_NAMES: dict[str, Message] = {**ROLE_TITLES, "owner": OWNER_TITLE}
_CONDITIONS = {
    "not_author": _("写过这一版的人不能办理"),
    "new_person": _("每一审由不同的人办理"),
    "required": _("须写明意见或原因"),
    "several": _("须几个人各自同意同样的内容"),
}
_SITE = "-"  # the container itself, among the types


@view_config(route_name="manage", context=Node, name="rules", permission=Permission.PREVIEW,
             request_method="GET", renderer="templates/rules.pt")  # fmt: skip
def rules(context: Node, request: Any) -> dict[str, Any]:
    """The table that holds for a node, or for a type of items in a container; and what a role may do in a state."""
    asked = request.GET
    kinds = _kinds(context)
    kind = asked.get("type", "") if asked.get("type") in dict(kinds) else kinds[0][0]
    table = _table(context, kind)
    state = table.states.get(asked.get("state", "")) or table.states[table.start]
    role = asked.get("role", "") if asked.get("role") in ROLE_NAMES else "author"
    # What nobody may do in any state is no question for what follows this table.
    known = [p for p in NODE_PERMISSIONS if any(s.roles(p) for s in table.states.values())]
    title = _("“${title}”的流程规则", mapping={"title": context.title})
    return page(request, context, title) | {
        "kinds": [(name, label, name == kind) for name, label in kinds],
        "kind": kind,
        "table_title": table.title,
        "permissions": [PERMISSION_TITLES[p] for p in known],
        "rows": [_row(s, known) for s in table.states.values()],
        "sentences": [_sentence(table, step) for step in table.transitions],
        "states": [(s.name, s.title, s is state) for s in table.states.values()],
        "roles": [(name, title, name == role) for name, title in ROLE_NAMES.items()],
        "role_title": ROLE_NAMES[role],
        "state_title": state.title,
        "may": [PERMISSION_TITLES[p] for p in known if role in state.roles(p)],
        "may_not": [PERMISSION_TITLES[p] for p in known if role not in state.roles(p)],
        "steps": [_sentence(table, s) for s in table.leaving(state.name) if role in s.roles],
    }


def _kinds(context: Node) -> list[tuple[str, Message]]:
    if not isinstance(context, Container):
        return [(context.type_name, context.type_info.title)]
    items = [cls.type_info for cls in types.all_types() if issubclass(cls, Item)]
    return [*((info.name, info.title) for info in items), (_SITE, context.type_info.title)]


def _table(context: Node, kind: str) -> Table:
    if kind == _SITE or not isinstance(context, Container):
        return table_for(context)
    return table_in(context, types.get(kind).type_info)


def _row(state: State, known: list[Permission]) -> dict[str, Any]:
    cells = [
        tuple(ROLE_NAMES[role] for role in ROLES if role in state.roles(permission))
        for permission in known
    ]
    return {"title": state.title, "tone": state.tone, "icon": state.icon, "cells": cells}


def _sentence(table: Table, step: Transition) -> Message:
    conditions = [*step.guards, *([step.comment] if step.comment == "required" else ())]
    conditions += ["several"] if step.approvals > 1 else []
    told = tuple(_CONDITIONS[name] for name in conditions)
    names = {
        "step": step.title,
        "sources": tuple(table.states[s].title for s in step.sources),
        "target": table.states[step.target].title,
        "roles": tuple(ROLE_NAMES[role] for role in ROLES if role in step.roles),
        "conditions": told,
    }
    if told:
        return _(
            "“${step}”：从${sources}到${target}，由${roles}办理；${conditions}。", mapping=names
        )
    return _("“${step}”：从${sources}到${target}，由${roles}办理。", mapping=names)
