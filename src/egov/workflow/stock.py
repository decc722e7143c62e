"""The tables that come with egov, read once from tables/*.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.workflow.table import Table, read_table

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml is there


def _read_all() -> dict[str, Table]:
    folder = resources.files("egov.workflow") / "tables"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    tables = [read_table(yaml.load(f.read_text("utf-8"), _LOADER)) for f in files]  # noqa: S506  a safe one
    return {table.name: table for table in tables}


TABLES = _read_all()


@cache
def roles_that_may(permission: str) -> frozenset[str]:
    """The roles that have a permission on some container in some state: an office changes the tables of items only."""
    cells = (
        state.roles(permission)
        for name, table in TABLES.items()
        if name not in ITEM_TABLES
        for state in table.states.values()
    )
    return frozenset().union(*cells)


ITEM_TABLES = ("direct", "review", "three-review", "joint-review")


def get_table(name: str, office: Mapping[str, Any] | None = None) -> Table:
    """The table of that name, the office's own before a stock one; raises Invalid if there is none."""
    if office and (kept := office.get(name)) is not None:
        table: Table = kept.table
        return table
    try:
        return TABLES[name]
    except KeyError:
        raise Invalid(_("没有名为“${name}”的工作流。", mapping={"name": name})) from None
