"""The checklist of docs/security.md names every requirement of ASVS 5.0 at level 2 once, and tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/security.md"
# How many requirements of a section are of level 1 or 2; they are numbered from 1.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4,
    "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4,
    "17.3": 2,
}  # fmt: skip
ALL = [f"V{name}.{number}" for name, count in SECTIONS.items() for number in range(1, count + 1)]


def rows():
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("| V"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def test_every_requirement_is_named_once():
    named = []
    for numbers, _state, _where in rows():
        first, _dash, last = numbers.partition("–")
        named += ALL[ALL.index(first) : ALL.index(last or first) + 1]
    assert len(ALL) == 253
    assert named == ALL


def test_each_has_a_state_and_a_reason():
    assert {state for _numbers, state, _where in rows()} <= {"met", "n/a", "open"}
    assert all(where for _numbers, _state, where in rows())


def test_the_tests_it_names_exist():
    known = {path.name for path in (ROOT / "tests").rglob("*.py")}
    text = PAGE.read_text("utf-8")
    assert set(re.findall(r"\btest_\w+\.py", text)) <= known
    assert all((ROOT / path).exists() for path in re.findall(r"`(tests/[\w/.]+)`", text))
