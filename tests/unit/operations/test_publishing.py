"""What belongs to a publication: notes, dates, successors, two approvals, publishing first and reviewing later."""

from datetime import UTC, datetime, timedelta

import pytest

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.operations.containers import set_workflow
from egov.operations.content import create, edit
from egov.operations.publishing import Update, backdate, confirm, may_confirm, supersede
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

MARCH = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def published(site, title="稿件", update=None):
    return publish(site, article(site, title=title), update)


def publish(site, item, update=None):
    advance(item, "submit", by=actor(site, "author"))
    advance(item, "approve", by=actor(site, "reviewer"))
    more = {"update": update} if update else {}
    advance(item, "publish", by=actor(site, "publisher"), **more)
    return item


def test_the_public_is_told_what_changed_but_not_of_the_first_publication_or_a_slip_of_the_pen(
    site,
):
    with clock.frozen(MARCH):
        item = published(site, update=Update("首次"))
    assert item.changes == ()
    with clock.frozen(MARCH + timedelta(days=1)):
        edit(item, item.work.values | {"title": "改了错字"}, by=actor(site, "author"))
        publish(site, item, Update(minor=True))
    assert (item.updated_at, item.changes) == (MARCH, ())
    with clock.frozen(MARCH + timedelta(days=2)):
        edit(item, item.work.values | {"title": "补了电话"}, by=actor(site, "author"))
        publish(site, item, Update(" 增加咨询电话 "))
    assert item.updated_at == MARCH + timedelta(days=2)
    assert [change.text for change in item.changes] == ["增加咨询电话"]


def test_the_validity_of_a_document_keeps_its_history(site):
    values = {"title": "办法", "body": "<p>文</p>", "index_no": "1", "issuer": "局", "written_on": "2026-01-01",
              "validity": "valid"}  # fmt: skip
    item = create(site["finance"]["news"], "official_document", values, by=actor(site, "author"))
    publish(site, item)
    edit(item, item.work.values | {"validity": "repealed"}, by=actor(site, "author"))
    publish(site, item)
    (change,) = item.changes
    assert change.text.mapping == {"field": "有效性", "old": "现行有效", "new": "已废止"}


def test_two_people_must_approve_the_same_words(site):
    set_workflow(site["finance"]["news"], "article", "joint-review", by=SYSTEM_ACTOR)
    item = article(site)
    one, two = actor(site, "reviewer"), actor(site, "reviewer2")
    advance(item, "submit", by=actor(site, "author"))
    advance(item, "approve", by=one)
    assert item.draft_state == "pending"
    with pytest.raises(Invalid):
        advance(item, "approve", by=one)

    edit(item, item.work.values | {"title": "换了"}, by=actor(site, "editor"))
    advance(item, "submit", by=actor(site, "editor"))
    advance(item, "approve", by=two)
    assert item.draft_state == "pending"  # the first one approved other words
    advance(item, "approve", by=one)
    assert item.draft_state == "approved"


def test_a_vote_from_before_a_return_does_not_count(site):
    set_workflow(site["finance"]["news"], "article", "joint-review", by=SYSTEM_ACTOR)
    item = article(site)
    advance(item, "submit", by=actor(site, "author"))
    advance(item, "approve", by=actor(site, "reviewer"))
    advance(item, "return", by=actor(site, "reviewer2"), comment="再想想")
    advance(item, "submit", by=actor(site, "author"))
    advance(item, "approve", by=actor(site, "reviewer2"))
    assert item.draft_state == "pending"


def test_published_first_and_reviewed_later_by_somebody_else(site):
    item = article(site)
    with pytest.raises(Invalid):
        advance(item, "force", by=actor(site, "publisher"))
    with pytest.raises(Forbidden):
        advance(item, "force", by=actor(site, "editor"), comment="汛情")
    advance(item, "force", by=actor(site, "publisher"), comment="汛情")
    assert (item.live_state, item.forced.by) == ("published", "publisher")
    assert list(site.unreviewed) == [item.uid]

    allowed = {w for w in ("reader", "author", "editor", "reviewer", "publisher", "manager")
               if may_confirm(item, actor(site, w))}  # fmt: skip
    assert allowed == {"reviewer", "manager"}
    with pytest.raises(Forbidden):
        confirm(item, by=actor(site, "publisher"))
    confirm(item, by=actor(site, "reviewer"), comment="属实")
    assert (item.forced, list(site.unreviewed)) == (None, [])
    assert item.opinions[-1].action == "confirm"
    with pytest.raises(Conflict):
        confirm(item, by=actor(site, "manager"))


def test_who_forced_or_wrote_it_does_not_review_it_and_a_reviewed_edition_makes_up_for_it(site):
    item = article(site, by="manager")
    advance(item, "force", by=actor(site, "publisher"), comment="汛情")
    assert not may_confirm(item, actor(site, "manager"))
    edit(item, item.work.values | {"title": "更正"}, by=actor(site, "manager"))
    advance(item, "submit", by=actor(site, "manager"))
    advance(item, "approve", by=actor(site, "reviewer"))
    advance(item, "publish", by=actor(site, "publisher"))
    assert (item.forced, list(site.unreviewed)) == (None, [])


def test_a_date_of_publication_goes_back_only_with_a_reason_on_record(site):
    item = published(site)
    by = actor(site, "publisher")
    for at, reason, field in (
        (MARCH, " ", "reason"),
        (clock.now() + timedelta(hours=1), "x", "at"),
    ):
        with pytest.raises(Invalid) as refused:
            backdate(item, at, reason, by=by)
        assert list(refused.value.fields) == [field]
    with pytest.raises(Forbidden):
        backdate(item, MARCH, "补录", by=actor(site, "reviewer"))
    with pytest.raises(Conflict):
        backdate(article(site, title="未发布"), MARCH, "补录", by=by)

    backdate(item, MARCH, "补录旧文", by=by)
    assert item.published_at == MARCH
    assert "补录旧文" in list(item.log.values())[-1].comment
    assert [n.uid for n in site.catalog.live_items()] == [item.uid]


def test_what_is_superseded_points_on_and_never_in_a_circle(site):
    old, new, newest = (published(site, title) for title in ("旧", "新", "最新"))
    by = actor(site, "publisher")
    supersede(old, new, by=by)
    supersede(new, newest, by=by)
    for other in (old, newest):
        with pytest.raises(Invalid):
            supersede(newest, other, by=by)
    with pytest.raises(Invalid):
        supersede(old, article(site, title="草稿"), by=SYSTEM_ACTOR)
    with pytest.raises(Forbidden):
        supersede(old, newest, by=actor(site, "reviewer"))
    supersede(old, None, by=by)
    assert old.superseded_by == 0
