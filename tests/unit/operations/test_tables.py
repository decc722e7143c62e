"""The office changes its workflow: who gains and loses what, and where items go whose state is gone."""

import copy

import pytest

from egov.base.errors import Conflict, Forbidden, Invalid
from egov.operations.containers import set_workflow
from egov.operations.rights import grant
from egov.operations.tables import drop_table, havens, preview_table, save_table, version_of
from egov.operations.tree import delete, move, undelete
from egov.operations.workflow import advance, available
from egov.security.policy import table_for
from egov.security.principals import SYSTEM_ACTOR
from egov.workflow.stock import TABLES
from egov.workflow.table import written
from tests.support.world import actor, article


@pytest.fixture
def head(site):
    grant(site, "user:outsider", "manager", by=SYSTEM_ACTOR)
    return actor(site, "outsider")


def review(**changes):
    return copy.deepcopy(written(TABLES["review"])) | changes


def without_approved():
    """Reviewers publish what they have approved."""
    raw = review()
    del raw["states"]["approved"]
    raw["transitions"] = [t for t in raw["transitions"] if t["name"] != "approve"]
    for step in raw["transitions"]:
        step["from"] = [s for s in step["from"] if s != "approved"] or ["pending"]
    return raw


def save(site, raw, by, **more):
    return save_table(site, raw, by=by, seen=version_of(site, raw["name"]), **more)


def test_a_dry_run_tells_who_gains_and_loses_and_changes_nothing(site, head):
    article(site)
    raw = review()
    raw["states"]["draft"]["edit"].remove("owner")
    raw["transitions"][0]["roles"].append("publisher")

    change = preview_table(site, raw, by=head)

    told = {(s.state, s.subject, s.role, s.gains) for s in change.shifts}
    assert told == {
        ("草稿", "edit", "owner", False),
        ("草稿", "submit", "publisher", True),
        ("已退回", "submit", "publisher", True),
    }
    assert change.items == 1
    assert change.people == {"owner": 1, "publisher": 1}
    assert dict(site.tables) == {}


def test_what_is_saved_holds_at_once(site, head):
    item = article(site)
    raw = review()
    raw["transitions"] = [t for t in raw["transitions"] if t["name"] != "force"]

    assert save(site, raw, head) == 0

    assert "force" not in {t.name for t in table_for(item).transitions}
    assert [r.action for r in site.audit.newest()][:1] == ["set_table"]
    drop_table(site, "review", by=head)
    assert "force" in {t.name for t in table_for(item).transitions}


def test_items_in_a_state_that_goes_are_told_and_go_where_somebody_decides(site, head):
    first, second = article(site), article(site, title="乙")
    for item in (first, second):
        advance(item, "submit", by=actor(site, "author"))
        advance(item, "approve", by=actor(site, "reviewer"))
    raw = without_approved()

    assert preview_table(site, raw, by=head).going == [("approved", "待发布", 2)]
    assert save(site, raw, head) == 2

    assert {first.state, second.state} == {"draft"}
    assert first.opinions == ()
    assert available(first, actor(site, "author"))


def test_a_mapping_cannot_skip_a_decision(site, head):
    raw = review()
    raw["states"]["checked"] = {**raw["states"].pop("returned"), "title": "已核"}
    for step in raw["transitions"]:
        step["from"] = ["checked" if s == "returned" else s for s in step["from"]]
        step["to"] = "checked" if step["to"] == "returned" else step["to"]
    item = article(site)
    advance(item, "submit", by=actor(site, "author"))
    advance(item, "return", by=actor(site, "reviewer"), comment="改")

    with pytest.raises(Invalid):
        save(site, raw, head, mapping={"returned": "approved"})
    assert (dict(site.tables), item.state) == ({}, "returned")
    assert save(site, raw, head, mapping={"returned": "pending"}) == 1
    assert item.state == "pending"


def test_only_the_start_and_states_that_await_approval_are_havens():
    assert havens(TABLES["review"]) == ["draft", "pending"]
    assert havens(TABLES["three-review"]) == ["draft", "pending", "second", "third"]
    assert havens(TABLES["direct"]) == ["draft"]


def test_two_people_who_change_a_table_at_once(site, head):
    seen = version_of(site, "review")
    save_table(site, review(title="甲"), by=head, seen=seen)

    with pytest.raises(Conflict):
        save_table(site, review(title="乙"), by=head, seen=seen)


def test_who_does_not_manage_the_portal_changes_nothing(site):
    for who in ("manager", "editor", "author", "system-admin", "security-admin"):
        with pytest.raises(Forbidden):
            preview_table(site, review(title="甲"), by=actor(site, who))
        with pytest.raises(Forbidden):
            save(site, review(title="甲"), actor(site, who))


def test_the_table_of_sections_is_not_for_items(site, head):
    with pytest.raises(Invalid):
        save(site, review(name="container"), head)


def test_a_new_table_is_chosen_by_a_section_and_cannot_go_while_it_is(site, head):
    save(site, review(name="office-1", title="财政局的流程"), head)
    section = article(site).__parent__

    set_workflow(section, "*", "office-1", by=head)
    assert table_for(article(site, title="乙")).title == "财政局的流程"
    with pytest.raises(Invalid, match="还在使用"):
        drop_table(site, "office-1", by=head)
    set_workflow(section, "*", "", by=head)
    drop_table(site, "office-1", by=head)
    with pytest.raises(Invalid):
        drop_table(site, "office-1", by=head)


def test_an_item_whose_new_place_has_other_states_begins_again(site, head):
    raw = review(name="office-1")
    raw["states"]["looked-at"] = {**raw["states"]["pending"], "title": "已看"}
    raw["transitions"][0]["to"] = "looked-at"
    raw["transitions"].append({**raw["transitions"][2], "from": ["looked-at"], "to": "pending"})
    save(site, raw, head)
    item = article(site)
    set_workflow(item.__parent__, "*", "office-1", by=head)
    kept = article(site, title="乙")
    for one in (item, kept):
        advance(one, "submit", by=actor(site, "author"))
    assert item.state == "looked-at"

    move(item, site["finance"]["notices"], by=head)
    assert item.state == "draft"

    delete(kept, by=head)
    set_workflow(site["finance"]["news"], "*", "", by=head)
    undelete(site, kept.uid, by=head)
    assert kept.state == "draft"
