"""Plone's six stock workflows, written as our tables and driven through our rights: cell by cell and guard by guard.

The facts are those of CMFPlone's definitions and role map: states × permissions × roles, and what guards each step.
"""

from pathlib import Path

import pytest
import yaml

from egov.base import clock
from egov.security.grants import AUTHENTICATED, EVERYONE, Grant
from egov.security.policy import obstacle, permits
from egov.security.principals import ANONYMOUS, Actor
from egov.workflow.office import OfficeTable
from egov.workflow.table import read_table
from tests.support.world import article

SHORT = {
    "M": "manager", "SA": "site-admin", "O": "owner", "E": "editor", "R": "reader", "C": "contributor",
    "Rv": "reviewer", "Mb": "member", "Au": "authenticated", "An": "anonymous",
}  # fmt: skip
# Per state: who may view (and list), who may modify.
PRIVATE, OFFICE = "M O E R C SA", "M O E SA"
STATES = {
    "simple-publication": {
        "private": (PRIVATE, OFFICE), "pending": ("M O E R C Rv SA", "M Rv SA"), "published": ("An", OFFICE),
    },
    "intranet": {
        "private": (PRIVATE, OFFICE), "internal": (PRIVATE + " Mb", OFFICE),
        "pending": (PRIVATE + " Mb Rv", "M Rv SA"), "internally-published": (PRIVATE + " Mb", "M SA"),
        "external": ("An", "M SA"),
    },
    "community": {
        "visible": ("An", OFFICE), "pending": ("An", "M Rv SA"), "published": ("An", "M SA"),
        "private": (PRIVATE, OFFICE),
    },
    "folder": {"visible": ("An", OFFICE), "private": (PRIVATE, OFFICE), "published": ("An", OFFICE)},
    "intranet-folder": {"private": (PRIVATE, OFFICE), "internal": (PRIVATE + " Mb", OFFICE)},
    "one-state": {"published": ("An", OFFICE)},
}  # fmt: skip
REQUEST, REVIEW, MODIFY = "M SA O E", "M SA Rv", "modify"
# Per transition: its guard, and the states that it leaves.
GUARDS = {
    "simple-publication": {
        "publish": (REVIEW, "private pending"), "submit": (REQUEST, "private"),
        "reject": (REVIEW, "pending published"), "retract": (REQUEST, "pending published"),
    },
    "intranet": {
        "show-internally": (MODIFY, "private"), "hide": (MODIFY, "internal"), "submit": (REQUEST, "internal"),
        "publish-internally": (REVIEW, "internal pending"),
        "publish-externally": (REVIEW, "pending internally-published"),
        "reject": (REVIEW, "pending internally-published"),
        "retract": (REQUEST, "pending internally-published external"),
    },
    "community": {
        "submit": (REQUEST, "visible"), "publish": (REVIEW, "visible pending"), "hide": (MODIFY, "visible pending"),
        "reject": (REVIEW, "pending published"), "retract": (REQUEST, "pending published"),
        "show": (MODIFY, "private"),
    },
    "folder": {
        "publish": (MODIFY, "visible private"), "show": (MODIFY, "private"),
        "hide": (MODIFY, "visible published"), "retract": (MODIFY, "published"),
    },
    "intranet-folder": {"show-internally": (MODIFY, "private"), "hide": (MODIFY, "internal")},
    "one-state": {},
}  # fmt: skip


def raw(name):
    return yaml.safe_load((Path(__file__).parent / f"plone/{name}.yaml").read_text("utf-8"))


def roles(letters):
    return {SHORT[letter] for letter in letters.split()}


def test_there_are_540_cells_and_23_guards():
    cells = sum(len(states) * 3 * len(SHORT) for states in STATES.values())
    assert (cells, sum(len(steps) for steps in GUARDS.values())) == (540, 23)


def person(role):
    """Somebody who has one role in Plone: a signed-in person is a member as well."""
    if role == "anonymous":
        return ANONYMOUS
    return Actor(role, role, frozenset({f"user:{role}", AUTHENTICATED, EVERYONE}))


def admitted(letters, role):
    """What Plone decides for a person with a role: what the map gives to all or to members reaches them too."""
    named = roles(letters)
    signed_in = {"member", "authenticated"} if role != "anonymous" else set()
    return bool(named & {role, "anonymous", *signed_in})


@pytest.fixture
def item(site):
    """An item in a section where each of Plone's roles is granted to somebody."""
    made = article(site)
    section = made.__parent__
    section.inherits = False
    held = {role: f"user:{role}" for role in SHORT.values()}
    held |= {"anonymous": EVERYONE, "authenticated": AUTHENTICATED, "member": AUTHENTICATED}
    granted = [
        Grant(whom, role, "system", clock.now()) for role, whom in held.items() if role != "owner"
    ]
    section.grants = (*granted, Grant("user:owner", "author", "system", clock.now()))
    made.owner = "owner"
    return made


@pytest.mark.parametrize("name", STATES)
def test_every_cell_comes_out_the_same(name, site, item):
    site.tables[name] = OfficeTable(raw(name))
    item.__parent__.workflows = {"*": name}
    table = site.tables[name].table
    assert set(table.states) == set(STATES[name])
    wrong = []
    for state, (view, modify) in STATES[name].items():
        item.enter(state, live=True)
        item.enter(state, live=False)
        for permission, letters in (("view", view), ("preview", view), ("edit", modify)):
            for role in SHORT.values():
                if (role in table.states[state].roles(permission)) != (role in roles(letters)):
                    wrong.append(("cell", state, permission, role))
                if permits(person(role), permission, item) != admitted(letters, role):
                    wrong.append(("decision", state, permission, role))
    assert wrong == []


@pytest.mark.parametrize("name", GUARDS)
def test_every_guard_comes_out_the_same(name, site, item):
    site.tables[name] = OfficeTable(raw(name))
    item.__parent__.workflows = {"*": name}
    table = read_table(raw(name))
    assert {step.name for step in table.transitions} == set(GUARDS[name])
    for step_name, (guard, sources) in GUARDS[name].items():
        leaving = {s for t in table.transitions if t.name == step_name for s in t.sources}
        assert leaving == set(sources.split())
        for state in leaving:
            item.enter(state, live=False)
            letters = STATES[name][state][1] if guard == MODIFY else guard
            taken = {
                r
                for r in SHORT.values()
                if not obstacle(person(r), table.find(step_name, state), item)
            }
            assert taken == roles(letters), (step_name, state)
