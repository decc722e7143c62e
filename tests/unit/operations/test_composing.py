"""Blocks are drafted, published by a step of its own, given up and brought back; each by its right."""

import pytest

from egov.base.errors import Conflict, Forbidden, Invalid, NotFound
from egov.model.arrangement import KEPT
from egov.model.block_kinds import KINDS
from egov.model.default_blocks import default_blocks
from egov.operations.composing import (
    add_block,
    bring_back,
    change_block,
    check_drafted,
    discard_arrangement,
    drafted,
    move_block,
    publish_arrangement,
    remove_block,
    widen_block,
)
from egov.operations.content import create
from egov.operations.topics import archive_topic
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor


@pytest.fixture
def finance(site):
    return site["finance"]


def blocks(page):
    return drafted(page, lambda: default_blocks(page))


def keys(page):
    return [block.key for block in blocks(page)]


def test_a_page_that_nobody_arranged_begins_with_what_it_shows_by_itself(finance):
    kinds = [block.kind for block in blocks(finance)]

    assert kinds == ["about", "services", "list", "list"]
    assert finance.arrangement is None


def test_drafted_blocks_show_only_when_they_are_published(finance, site):
    editor, publisher = actor(site, "editor"), actor(site, "publisher")
    made = add_block(finance, blocks(finance), "text", {"body": "<p>words</p>"}, by=editor)

    assert finance.arrangement.live is None
    before = site.catalog.revision()
    publish_arrangement(finance, by=publisher)
    assert site.catalog.revision() > before
    assert finance.arrangement.live[-1] == made
    assert finance.arrangement.former[-1].by == "publisher"


def test_work_on_a_draft_leaves_the_public_pages_in_memory(finance, site):
    before = site.catalog.revision()
    add_block(finance, (), "text", {}, by=actor(site, "editor"))

    assert site.catalog.revision() == before


def test_blocks_are_moved_widened_changed_and_removed(finance, site):
    editor = actor(site, "editor")
    move_block(finance, blocks(finance), 4, 1, by=editor)
    assert keys(finance) == [4, 1, 2, 3]
    move_block(finance, blocks(finance), 4, 0, by=editor)
    assert keys(finance) == [1, 2, 3, 4]
    widen_block(finance, blocks(finance), 4, "third", by=editor)
    assert blocks(finance)[3].width == "third"
    change_block(finance, blocks(finance), 4, {"title": "News", "limit": "3"}, by=editor)
    assert (blocks(finance)[3].title, blocks(finance)[3].values["limit"]) == ("News", 3)
    remove_block(finance, blocks(finance), 2, by=editor)
    assert keys(finance) == [1, 3, 4]
    with pytest.raises(NotFound):
        remove_block(finance, blocks(finance), 2, by=editor)


@pytest.mark.parametrize("who", ["reader", "author", "reviewer", "publisher", "outsider"])
def test_only_who_may_arrange_drafts(finance, site, who):
    with pytest.raises(Forbidden):
        add_block(finance, (), "text", {}, by=actor(site, who))


@pytest.mark.parametrize("who", ["reader", "author", "editor", "reviewer", "outsider"])
def test_only_who_may_publish_publishes(finance, site, who):
    add_block(finance, (), "text", {}, by=actor(site, "editor"))

    with pytest.raises(Forbidden):
        publish_arrangement(finance, by=actor(site, who))


def test_what_does_not_fit_is_told_at_its_field(finance, site):
    rows = [["Label", "1", "", "", "javascript:alert(1)"]]
    with pytest.raises(Invalid) as refused:
        add_block(finance, (), "figures", {"rows": rows}, by=actor(site, "editor"))
    assert "javascript" in refused.value.fields["rows"].interpolate()

    with pytest.raises(Invalid) as refused:
        add_block(finance, (), "list", {"place": 12345}, by=actor(site, "editor"))
    assert set(refused.value.fields) == {"place"}

    with pytest.raises(Invalid) as refused:
        add_block(finance, (), "list", {"limit": "99"}, by=actor(site, "editor"))
    assert set(refused.value.fields) == {"limit"}


def test_every_kind_takes_an_empty_form(finance, site):
    for kind in KINDS:
        add_block(finance, drafted(finance, tuple), kind, {}, by=actor(site, "editor"))

    assert {block.kind for block in finance.arrangement.draft} == set(KINDS)


def test_a_draft_is_given_up_and_a_former_arrangement_brought_back(finance, site):
    manager = actor(site, "manager")
    for number in range(KEPT + 2):
        add_block(finance, (), "text", {"title": f"{number}"}, by=manager)
        publish_arrangement(finance, by=manager)
    assert len(finance.arrangement.former) == KEPT
    add_block(finance, (), "text", {"title": "wrong"}, by=manager)
    discard_arrangement(finance, by=manager)
    assert blocks(finance)[0].title == f"{KEPT + 1}"
    bring_back(finance, 2, by=manager)
    assert finance.arrangement.draft[0].title == f"{KEPT}"
    assert finance.arrangement.live[0].title == f"{KEPT + 1}"
    with pytest.raises(NotFound):
        bring_back(finance, KEPT + 1, by=manager)


def test_two_editors_at_once_are_told(finance, site):
    check_drafted(finance, "")
    add_block(finance, (), "text", {}, by=actor(site, "editor"))

    with pytest.raises(Conflict):
        check_drafted(finance, "")
    check_drafted(finance, finance.arrangement.version)


def test_an_ended_topic_is_marked_and_moved_to_the_topic_zone(finance, site):
    topic = create(
        finance, "section", {"title": "Topic", "layout": "topic"}, by=SYSTEM_ACTOR, name="topic"
    )
    zone = create(
        finance, "section", {"title": "Topics", "layout": "zone"}, by=SYSTEM_ACTOR, name="zone"
    )
    with pytest.raises(Forbidden):
        archive_topic(topic, by=actor(site, "editor"))

    archive_topic(topic, by=actor(site, "manager"))

    assert topic.__parent__ is zone
    assert topic.values["archived_on"] is not None
    assert finance.moved["topic"] == topic.uid
    with pytest.raises(Conflict):
        archive_topic(topic, by=actor(site, "manager"))
