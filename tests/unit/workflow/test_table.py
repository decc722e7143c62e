"""The stock tables as truth tables, and every way to write a table that cannot be taken."""

import copy
from types import SimpleNamespace

import pytest

from egov.base.errors import Invalid
from egov.base.permissions import NODE_PERMISSIONS
from egov.workflow.office import deciding_states, preview_roles
from egov.workflow.stock import (
    ITEM_TABLES,
    TABLES,
    get_table,
)
from egov.workflow.table import ROLES, read_table

LETTERS = {
    "reader": "r", "author": "a", "owner": "o", "editor": "e",
    "reviewer": "v", "publisher": "p", "manager": "m",
}  # fmt: skip
STOCK = SimpleNamespace(tables={})  # a site whose office has no tables of its own
INSIDE, ALL = "aevpm", "raevpm"

# Per state, who may: view preview add edit arrange delete purge structure configure adopt compose present grant
# ("-" nobody).
NOT_OF_ITEMS = ["-"] * 6
WRITING = ("-", INSIDE, "-", "oem", "oem", "oem", *NOT_OF_ITEMS, "m")
UNDER_REVIEW = ("-", INSIDE, "-", "em", "em", "m", *NOT_OF_ITEMS, "m")
ON_LINE = (ALL, INSIDE, "-", "oem", "pm", "m", *NOT_OF_ITEMS, "m")
OFF_LINE = ("-", *ON_LINE[1:])
LIVE = {"published": ON_LINE, "withdrawn": ON_LINE, "unpublished": OFF_LINE}
PLACE = (ALL, INSIDE, "aem", *["m"] * 6, "em", "em", "pm", "m")
TRUTH = {
    "direct": {"draft": WRITING, **LIVE},
    "review": {
        "draft": WRITING, "pending": UNDER_REVIEW, "returned": WRITING, "approved": UNDER_REVIEW, **LIVE,
    },
    "three-review": {
        "draft": WRITING, "pending": UNDER_REVIEW, "second": UNDER_REVIEW, "third": UNDER_REVIEW,
        "returned": WRITING, "approved": UNDER_REVIEW, **LIVE,
    },
    "joint-review": {
        "draft": WRITING, "pending": UNDER_REVIEW, "returned": WRITING, "approved": UNDER_REVIEW, **LIVE,
    },
    "container": {"open": PLACE, "hidden": PLACE},
    "placement": {"placed": (ALL, INSIDE, "-", "-", "pm", "pm", *NOT_OF_ITEMS, "m")},
}  # fmt: skip

# Per step: from, to, who, "!" where the reason must be told, and the guards.
ONLINE_STEPS = {
    ("withdraw", "published", "withdrawn", "pm", "!"),
    ("unpublish", "published", "unpublished", "pm", "!"),
    ("unpublish", "withdrawn", "unpublished", "pm", "!"),
    ("republish", "withdrawn", "published", "pm", "!"),
    ("republish", "unpublished", "published", "pm", "!"),
}
REVIEW_STEPS = {
    ("submit", "draft", "pending", "oem", ""),
    ("submit", "returned", "pending", "oem", ""),
    ("retract", "pending", "draft", "oem", ""),
    ("approve", "pending", "approved", "vm", "", "not_author"),
    ("return", "pending", "returned", "vpm", "!"),
    ("return", "approved", "returned", "vpm", "!"),
    ("publish", "approved", "published", "pm", ""),
    *(("force", state, "published", "pm", "!") for state in ("draft", "pending", "returned")),
    *ONLINE_STEPS,
}
STEPS = {
    "direct": {
        ("publish", "draft", "published", "epm", ""),
        *((name, a, b, "epm", told) for name, a, b, _who, told in ONLINE_STEPS),
    },
    "review": REVIEW_STEPS,
    "joint-review": REVIEW_STEPS,
    "three-review": {
        ("submit", "draft", "pending", "oem", ""),
        ("submit", "returned", "pending", "oem", ""),
        *(("retract", state, "draft", "oem", "") for state in ("pending", "second", "third")),
        ("approve", "pending", "second", "vm", "", "not_author", "new_person"),
        ("approve", "second", "third", "vm", "", "not_author", "new_person"),
        ("approve", "third", "approved", "vm", "", "not_author", "new_person"),
        *(
            ("return", s, "returned", "vpm", "!")
            for s in ("pending", "second", "third", "approved")
        ),
        ("publish", "approved", "published", "pm", ""),
        *(
            ("force", state, "published", "pm", "!")
            for state in ("draft", "pending", "second", "third", "returned")
        ),
        *ONLINE_STEPS,
    },
    "container": {("open", "hidden", "open", "m", ""), ("hide", "open", "hidden", "m", "")},
    "placement": set(),
}


def letters(roles):
    return "".join(LETTERS[role] for role in LETTERS if role in roles) or "-"


def ordered(letters_):
    return "".join(sorted(letters_, key=list(LETTERS.values()).index)) if letters_ != "-" else "-"


def test_the_stock_tables_are_these():
    assert set(TABLES) == set(TRUTH)
    assert set(ITEM_TABLES) <= set(TABLES)
    with pytest.raises(Invalid):
        get_table("no-such")


@pytest.mark.parametrize("name", TRUTH)
def test_each_state_gives_each_role_what_is_written_here(name):
    table = TABLES[name]

    assert set(table.states) == set(TRUTH[name])
    for state, row in TRUTH[name].items():
        got = tuple(letters(table.states[state].roles(p.value)) for p in NODE_PERMISSIONS)
        assert got == tuple(ordered(cell) for cell in row), state


@pytest.mark.parametrize("name", STEPS)
def test_each_step_leads_where_and_for_whom_it_is_written_here(name):
    got = {
        (
            t.name,
            source,
            t.target,
            letters(t.roles),
            "!" if t.comment == "required" else "",
            *t.guards,
        )
        for t in TABLES[name].transitions
        for source in t.sources
    }

    assert got == {(n, a, b, ordered(who), *rest) for n, a, b, who, *rest in STEPS[name]}


def test_only_the_joint_review_asks_for_two_people():
    several = {
        (name, t.name): t.approvals
        for name, table in TABLES.items()
        for t in table.transitions
        if t.approvals > 1
    }
    assert several == {("joint-review", "approve"): 2}


@pytest.mark.parametrize("name", ITEM_TABLES)
def test_an_item_s_table_has_a_way_to_the_public_and_no_dead_end(name):
    table = TABLES[name]
    assert table.lane(table.start) == "work"
    reached, waiting = set(), [table.start]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += [t.target for t in table.leaving(state)]

    assert reached == set(table.states)
    assert all(table.leaving(state) for state in table.states)
    for state in table.states.values():
        assert state.lane == ("live" if state.name in LIVE else "work")
        assert "owner" not in state.roles("view")


def test_what_awaits_a_decision_over_all_tables():
    assert {state: letters(roles) for state, roles in deciding_states(STOCK).items()} == {
        "pending": "vm", "second": "vm", "third": "vm", "approved": "pm",
    }  # fmt: skip
    assert set(preview_roles(STOCK)) == {state for table in TRUTH.values() for state in table}
    assert all(letters(roles) == INSIDE for roles in preview_roles(STOCK).values())


def test_steps_are_found_by_name_and_state():
    table = get_table("review")

    assert table.find("approve", "pending").target == "approved"
    assert table.find("approve", "draft") is None
    assert {t.name for t in table.leaving("draft", "published")} == {
        "submit",
        "force",
        "withdraw",
        "unpublish",
    }
    assert table.leaving("", "") == []


GOOD = {
    "name": "tiny",
    "title": "小",
    "start": "draft",
    "states": {
        "draft": {"title": "草稿", "lane": "work", "edit": ["author"]},
        "published": {"title": "已发布", "lane": "live", "tone": "success", "view": ["reader"]},
    },
    "transitions": [
        {
            "name": "publish",
            "title": "发布",
            "from": "draft",
            "to": "published",
            "roles": ["author"],
        }
    ],
}


def test_a_small_table_is_read():
    table = read_table(GOOD)

    assert table.find("publish", "draft").comment == "optional"
    assert table.states["draft"].roles("edit") == {"author"}
    assert table.states["draft"].roles("view") == frozenset()


def changed(change):
    raw = copy.deepcopy(GOOD)
    change(raw)
    return raw


BROKEN = {
    "an unknown start": (lambda t: t.update(start="born"), "tiny", "born"),
    "no name": (lambda t: t.pop("name"), "?", "name"),
    "no states": (lambda t: t.pop("states"), "?", "states"),
    "no transitions": (lambda t: t.pop("transitions"), "?", "transitions"),
    "an unknown key": (lambda t: t.update(stats={}), "?", "stats"),
    "a state without a title": (lambda t: t["states"]["draft"].pop("title"), "draft", "title"),
    "a state without a lane": (lambda t: t["states"]["draft"].pop("lane"), "draft", "lane"),
    "a state that is no mapping": (lambda t: t["states"].update(draft=None), "draft", "NoneType"),
    "an unknown lane": (lambda t: t["states"]["draft"].update(lane="fast"), "draft", "fast"),
    "an unknown tone": (lambda t: t["states"]["draft"].update(tone="loud"), "draft", "loud"),
    "an unknown permission": (lambda t: t["states"]["draft"].update(fly=[]), "draft", "fly"),
    "an unknown role in a cell": (
        lambda t: t["states"]["draft"].update(edit=["king"]), "draft", "king"
    ),
    "a cell that is no list": (
        lambda t: t["states"]["draft"].update(edit="author"), "draft", "author"
    ),
    "a step without a target": (lambda t: t["transitions"][0].pop("to"), "publish", "to"),
    "a step without roles": (lambda t: t["transitions"][0].pop("roles"), "publish", "roles"),
    "a step without a name": (lambda t: t["transitions"][0].pop("name"), "?", "name"),
    "a step that is no mapping": (lambda t: t["transitions"].append("x"), "?", "str"),
    "an unknown target": (lambda t: t["transitions"][0].update(to="gone"), "publish", "gone"),
    "an unknown source": (
        lambda t: t["transitions"][0].update({"from": ["draft", "gone"]}), "publish", "gone"
    ),
    "an unknown role in a step": (
        lambda t: t["transitions"][0].update(roles=["king"]), "publish", "king"
    ),
    "an unknown guard": (
        lambda t: t["transitions"][0].update(guards=["dragon"]), "publish", "dragon"
    ),
    "a misspelt guard": (
        lambda t: t["transitions"][0].update(guard=["not_author"]), "publish", "guard"
    ),
    "an unknown comment rule": (
        lambda t: t["transitions"][0].update(comment="maybe"), "publish", "maybe"
    ),
    "two steps of one name from one state": (
        lambda t: t["transitions"].append(t["transitions"][0]), "publish", "draft"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_table_is_refused_with_the_place_and_the_word(case):
    change, where, what = BROKEN[case]

    with pytest.raises(Invalid) as refused:
        read_table(changed(change))

    assert refused.value.message.interpolate() == f"工作流表中“{where}”处的“{what}”不合适。"


def test_roles_are_these():
    assert set(ROLES) == set(LETTERS)
