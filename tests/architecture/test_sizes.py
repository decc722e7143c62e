"""Rooms stay small: no module over 400 lines, no function over 50."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/egov"
MODULES = sorted(p for p in SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_module_and_functions_are_small(path):
    text = path.read_text("utf-8")

    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 50, node.name


def test_only_the_clock_tells_the_time():
    told = [p for p in MODULES if "datetime.now(" in p.read_text("utf-8")]

    assert told == [SOURCE / "base/clock.py"]
