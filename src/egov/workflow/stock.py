"""The tables that come with egov, read once from tables/*.yaml."""

from __future__ import annotations

from importlib import resources

import yaml

from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.workflow.table import Table, read_table


def _read_all() -> dict[str, Table]:
    folder = resources.files("egov.workflow") / "tables"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    tables = [read_table(yaml.safe_load(f.read_text("utf-8"))) for f in files]
    return {table.name: table for table in tables}


TABLES = _read_all()

ITEM_TABLES = ("direct", "review", "three-review", "joint-review")


def get_table(name: str) -> Table:
    """The table of that name; raises Invalid if there is none."""
    try:
        return TABLES[name]
    except KeyError:
        raise Invalid(_("没有名为“${name}”的工作流。", mapping={"name": name})) from None


def get_title(state: str) -> Message:
    """The title of a state in whichever table has it."""
    return next(t.states[state].title for t in TABLES.values() if state in t.states)


def deciding_states() -> dict[str, frozenset[str]]:
    """Over all tables: the states that await a decision, and the roles that may take one there."""
    found: dict[str, frozenset[str]] = {}
    for table in TABLES.values():
        for state, roles in table.deciding().items():
            found[state] = found.get(state, frozenset()) | roles
    return found


def preview_roles() -> dict[str, frozenset[str]]:
    """Over all tables: the roles that may see items in a state on the manage side.

    Used to choose what a listing reads; what it shows is checked against the item's own table.
    """
    found: dict[str, frozenset[str]] = {}
    for table in TABLES.values():
        for state in table.states.values():
            found[state.name] = found.get(state.name, frozenset()) | state.roles("preview")
    return found
