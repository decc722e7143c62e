"""Everything that a person can name is named in the docs."""

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
    assert f"`{name}`" in (ROOT / "docs/reference.md").read_text("utf-8")
