"""Everything that a person can name is named in the docs, and what an office may set with its default."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from egov.base.permissions import Permission
from egov.base.settings import Settings
from egov.cli import main
from egov.model import types
from egov.workflow.stock import TABLES
from tests.support import world

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs/reference.md").read_text("utf-8")


def names():
    world.register_types()
    yield from (cls.type_info.name for cls in types.all_types())
    yield from (permission.value for permission in Permission)
    yield from (field.name for field in fields(Settings))
    yield from main.commands
    for table in TABLES.values():
        yield table.name
        yield from table.states


@pytest.mark.parametrize("name", sorted(set(names())))
def test_it_is_named_in_the_reference(name):
    assert f"`{name}`" in REFERENCE


def told(value):
    """As an ini file has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_the_reference_tells_the_default_of_each_setting():
    row = re.compile(r"^\| (`[^|]+`) \| ([^|]*?) ?\|", re.MULTILINE)
    settings = REFERENCE[REFERENCE.index("## Settings") : REFERENCE.index("## Reminders")]
    found = {
        name: default
        for names, default in row.findall(settings)
        for name in re.findall("`([a-z_]+)`", names)
    }
    assert found == {field.name: told(field.default) for field in fields(Settings)}
