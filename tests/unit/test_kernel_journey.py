"""A journey through the operations alone: write, return, mend, approve, publish, withdraw, restore."""

import pytest

from egov.base.errors import Conflict, Forbidden, Invalid
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.operations.check import check
from egov.operations.content import edit
from egov.operations.workflow import advance, restore
from egov.security.policy import permits
from egov.security.principals import ANONYMOUS
from tests.support.world import actor, article


def publish(site, item, approver="reviewer"):
    advance(item, "submit", by=actor(site, "author"))
    advance(item, "approve", by=actor(site, approver))
    return advance(item, "publish", by=actor(site, "publisher"))


def test_an_article_goes_from_draft_to_the_public(site):
    item = article(site)
    advance(item, "submit", by=actor(site, "author"))
    advance(item, "return", by=actor(site, "reviewer"), comment="请补充文号")
    edit(item, {**item.work.values, "body": "<p>改过的正文。</p>"}, by=actor(site, "author"))

    assert (item.state, item.work.number) == ("draft", 2)

    publish(site, item)

    listed = reads.published(site["finance"]["news"], ANONYMOUS, limit=20)
    assert [n.live_title for n in listed.nodes] == ["关于春节放假的通知"]
    assert item.live.values["body"] == "<p>改过的正文。</p>"
    assert list(check(site)) == []


def test_return_needs_a_comment(site):
    item = article(site)
    advance(item, "submit", by=actor(site, "author"))

    with pytest.raises(Invalid):
        advance(item, "return", by=actor(site, "reviewer"), comment=" ")

    assert item.state == "pending"


def test_the_author_is_not_the_approver(site):
    item = article(site, by="manager")
    advance(item, "submit", by=actor(site, "manager"))

    with pytest.raises(Invalid):
        advance(item, "approve", by=actor(site, "manager"))


def test_a_department_s_editor_is_refused_elsewhere(site):
    from egov.operations.content import create

    with pytest.raises(Forbidden):
        create(site["health"]["news"], "article", {"title": "越权"}, by=actor(site, "editor"))

    assert len(site["health"]["news"]) == 0


def test_an_edit_after_approval_goes_back_to_review(site):
    item = article(site)
    advance(item, "submit", by=actor(site, "author"))
    advance(item, "approve", by=actor(site, "reviewer"))
    edit(item, {**item.work.values, "title": "换了标题"}, by=actor(site, "editor"))

    assert item.state == "draft"
    with pytest.raises(Conflict):
        advance(item, "publish", by=actor(site, "publisher"))


def test_editing_a_published_page_leaves_it_on_line(site):
    item = publish(site, article(site))
    edit(item, {**item.work.values, "title": "新标题"}, by=actor(site, "author"))

    assert item.live_title == "关于春节放假的通知"
    assert item.title == "新标题"
    assert permits(ANONYMOUS, Permission.VIEW, item)
    assert not permits(ANONYMOUS, Permission.PREVIEW, item)


def test_three_review_needs_three_people(site):
    from egov.operations.containers import set_workflow

    set_workflow(site["finance"], "*", "three-review", by=actor(site, "manager"))
    item = article(site)
    advance(item, "submit", by=actor(site, "author"))
    advance(item, "approve", by=actor(site, "reviewer"))
    with pytest.raises(Invalid):
        advance(item, "approve", by=actor(site, "reviewer"))
    advance(item, "approve", by=actor(site, "reviewer2"))
    advance(item, "approve", by=actor(site, "reviewer3"))

    assert item.state == "approved"


def test_an_unpublished_article_is_gone_and_can_be_restored_as_a_draft(site):
    item = publish(site, article(site))
    advance(item, "unpublish", by=actor(site, "publisher"), comment="内容有误")

    assert not permits(ANONYMOUS, Permission.VIEW, item)
    assert reads.published(site["finance"]["news"], ANONYMOUS, limit=20).nodes == []

    restore(item, 1, by=actor(site, "author"))
    assert (item.state, item.work.number) == ("draft", 2)


def test_what_waits_is_shown_to_who_may_decide(site):
    item = article(site)
    advance(item, "submit", by=actor(site, "author"))

    def seen(who):
        return [w.node for w in reads.waiting(actor(site, who), site)]

    assert seen("reviewer") == [item]
    assert seen("author") == []
    assert seen("outsider") == []
