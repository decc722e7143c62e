"""Who deals with what until when, what reminds them, and what ends it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from egov.base import clock
from egov.base.errors import Forbidden, Invalid
from egov.operations.assignments import assign, assigned_to, may_assign, remind
from egov.operations.tree import delete
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

FRIDAY = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 10:00 at the office


def events(site, user):
    return [n.event for _key, n in site.notices.newest(user, 10)]


def pending(site, title="稿件"):
    item = article(site, title=title)
    advance(item, "submit", by=actor(site, "author"))
    return item


def test_a_task_is_due_after_working_days_and_told_once_on_the_day_and_once_after_it(site):
    with clock.frozen(FRIDAY):
        item = pending(site)
        given = assign(item, "reviewer", 2, by=actor(site, "editor"), note="请核对数字")
        assert given.due == date(2026, 11, 24)
        assert events(site, "reviewer") == ["assign"]
        assert remind(site) == 0
    with clock.frozen(FRIDAY + timedelta(days=4)):
        assert (remind(site), remind(site)) == (1, 0)
        assert events(site, "reviewer") == ["due", "assign"]
    with clock.frozen(FRIDAY + timedelta(days=8)):  # Saturday
        assert remind(site) == 0
    with clock.frozen(FRIDAY + timedelta(days=10)):
        assert (remind(site), remind(site)) == (1, 0)
        assert events(site, "reviewer")[0] == "overdue"
        assert events(site, "editor") == ["overdue"]
        assert events(site, "manager") == ["overdue"]
    with clock.frozen(FRIDAY + timedelta(days=11)):
        assert remind(site) == 0


def test_the_earliest_due_comes_first_and_a_decision_or_another_person_ends_a_task(site):
    with clock.frozen(FRIDAY):
        by = actor(site, "editor")
        late, early, third = (pending(site, title) for title in ("甲", "乙", "丙"))
        assign(late, "reviewer", 9, by=by)
        assign(early, "reviewer", 1, by=by)
        assign(third, "reviewer", 3, by=by)
        reviewer = actor(site, "reviewer")
        assert assigned_to(site, reviewer, 10) == [early, third, late]
        assert assigned_to(site, reviewer, 1) == [early]

        advance(early, "approve", by=reviewer)
        assign(third, "reviewer2", 1, by=by)
        assert assigned_to(site, reviewer, 10) == [late]
        assert assigned_to(site, actor(site, "reviewer2"), 10) == [third]
        delete(late, by=SYSTEM_ACTOR)
        assert assigned_to(site, reviewer, 10) == []
    with clock.frozen(FRIDAY + timedelta(days=18)):
        remind(site)
        assert "overdue" not in events(site, "reviewer")


@pytest.mark.parametrize(
    ("to", "days", "field"),
    [
        ("nobody", 1, "to"),
        ("outsider", 1, "to"),
        ("reviewer", -1, "days"),
        ("reviewer", 61, "days"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(site, to, days, field):
    item = pending(site)
    with pytest.raises(Invalid) as refused:
        assign(item, to, days, by=actor(site, "editor"))
    assert list(refused.value.fields) == [field]
    assert item.desk is None


def test_who_may_assign(site):
    item = pending(site)
    allowed = {w for w in ("reader", "author", "editor", "reviewer", "publisher", "manager")
               if may_assign(item, actor(site, w))}  # fmt: skip
    assert allowed == {"editor", "reviewer", "publisher", "manager"}
    with pytest.raises(Forbidden):
        assign(item, "reviewer", 1, by=actor(site, "author"))
    advance(item, "approve", by=actor(site, "reviewer"))
    advance(item, "publish", by=actor(site, "publisher"))
    with pytest.raises(Invalid):
        assign(item, "reviewer", 1, by=actor(site, "manager"))
