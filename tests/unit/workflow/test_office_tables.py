"""What an office may write into a table, and what would open a door or leave items stuck."""

import copy

import pytest

from egov.base.errors import Invalid
from egov.workflow.office import read_office_table
from egov.workflow.stock import ITEM_TABLES, TABLES
from egov.workflow.table import written


@pytest.mark.parametrize("name", ITEM_TABLES)
def test_every_stock_table_can_be_written_and_read_again(name):
    assert read_office_table(written(TABLES[name])) == TABLES[name]


def broken(change):
    raw = copy.deepcopy(written(TABLES["review"]))
    change(raw)
    return raw


def step(raw, name):
    return next(t for t in raw["transitions"] if t["name"] == name)


BREAKS = {
    "readers see drafts": lambda r: r["states"]["draft"]["preview"].append("reader"),
    "readers write": lambda r: r["states"]["published"]["edit"].append("reader"),
    "readers see what is off line": lambda r: r["states"]["unpublished"].update(view=["reader"]),
    "nobody can manage": lambda r: r["states"]["pending"].update(grant=[]),
    "a fixed state is gone": lambda r: r["states"].pop("withdrawn"),
    "another live state": lambda r: r["states"].update({"x": {**r["states"]["published"]}}),
    "a state nothing leads to": lambda r: r["states"].update({"x": {**r["states"]["pending"]}}),
    "a state nothing leaves": lambda r: step(r, "retract").update({"from": ["returned"], "to": "pending"})
    or [t.update({"from": ["approved"]}) for t in r["transitions"] if t["name"] in ("approve", "return")]
    or step(r, "force").update({"from": ["draft"]}),
    "no publishing": lambda r: r["transitions"].remove(step(r, "publish")),
    "approving that publishes": lambda r: step(r, "approve").update(to="published"),
    "submitting that publishes": lambda r: step(r, "submit").update(to="published"),
    "publishing into the withdrawn": lambda r: step(r, "publish").update(to="withdrawn"),
    "from the public to a draft": lambda r: step(r, "withdraw").update(to="draft"),
    "nobody takes a step": lambda r: step(r, "approve").update(roles=[]),
    "a step from nowhere": lambda r: step(r, "approve").update({"from": []}),
    "an unknown kind of step": lambda r: step(r, "approve").update(name="bless"),
    "an unknown role": lambda r: step(r, "approve").update(roles=["king"]),
    "roles of its own": lambda r: r.update(roles=["king"]),
    "no name": lambda r: r.update(title=" "),
    "a long name": lambda r: r["states"]["draft"].update(title="长" * 41),
    "an unsafe icon": lambda r: r["states"]["draft"].update(icon='x" onclick="'),
    "an unsafe state": lambda r: r["states"].update({"X y": r["states"].pop("returned")}),
    "too many steps": lambda r: r.update(transitions=r["transitions"] * 10),
    "hundreds of approvals": lambda r: step(r, "approve").update(approvals=100),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_what_cannot_be_taken_is_refused(name):
    with pytest.raises(Invalid):
        read_office_table(broken(BREAKS[name]))
