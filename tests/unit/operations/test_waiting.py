"""What waits for nobody in particular is not forgotten: who may decide is told after the term, managers later."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from egov.base import clock
from egov.base.settings import Settings
from egov.base.workdays import after
from egov.model.site import SiteGroup
from egov.operations import waiting
from egov.operations.assignments import assign
from egov.operations.containers import configure
from egov.operations.jobs import run_jobs
from egov.operations.notices import MAIL, set_muted
from egov.operations.rights import grant, revoke
from egov.operations.waiting import remind_deciders
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

FRIDAY = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 10:00 at the office
TERM_OVER = FRIDAY + timedelta(days=6)  # Thursday: the third working day was Wednesday
ESCALATED = TERM_OVER + timedelta(days=5)  # Tuesday
DECIDERS = ("manager", "reviewer", "reviewer2", "reviewer3")


def events(site, user):
    return [n.event for _key, n in site.notices.newest(user, 10)]


def heard(site, event):
    people = site.directory.users
    return sorted(user for user in people for said in events(site, user) if said == event)


def handed_in(site, title="稿件", by="author"):
    item = article(site, title=title, by=by)
    advance(item, "submit", by=actor(site, by))
    return item


def told_on(site, day):
    """How many things one is told of on a day, by all rounds of the jobs."""
    with clock.frozen(day):
        told = 0
        while more := remind_deciders(site):
            told += more
        return told


def test_who_may_decide_is_told_once_after_the_term_and_managers_once_later(site):
    with clock.frozen(FRIDAY):
        handed_in(site)
    assert [told_on(site, FRIDAY + timedelta(days=days)) for days in range(6)] == [0] * 6

    assert (told_on(site, TERM_OVER), told_on(site, TERM_OVER)) == (1, 0)
    assert heard(site, "waiting") == sorted(DECIDERS)

    quiet = [TERM_OVER + timedelta(days=days) for days in range(1, 5)]
    assert [told_on(site, day) for day in quiet] == [0] * 4
    assert (told_on(site, ESCALATED), told_on(site, ESCALATED)) == (1, 0)
    assert heard(site, "neglected") == sorted(DECIDERS)
    assert told_on(site, ESCALATED + timedelta(days=30)) == 0


def test_escalation_reaches_managers_who_may_not_decide(site):
    with clock.frozen(FRIDAY):
        handed_in(site, by="manager")
    told_on(site, TERM_OVER)
    assert "manager" not in heard(site, "waiting")  # who wrote it does not review it
    told_on(site, ESCALATED)
    assert "manager" in heard(site, "neglected")


def test_what_nobody_may_decide_is_told_to_managers_at_once(site):
    with clock.frozen(FRIDAY):
        for name in ("reviewer", "reviewer2", "reviewer3"):
            revoke(site["finance"], f"user:{name}", "reviewer", by=SYSTEM_ACTOR)
        handed_in(site, by="manager")
    assert told_on(site, TERM_OVER) == 1
    assert heard(site, "waiting") == ["manager"]


def test_what_was_given_to_somebody_or_decided_or_handed_in_anew_is_left_alone(site):
    with clock.frozen(FRIDAY):
        given_item, decided, again = (handed_in(site, title) for title in ("甲", "乙", "丙"))
        assign(given_item, "reviewer", 2, by=actor(site, "editor"))
    with clock.frozen(TERM_OVER - timedelta(days=1)):
        advance(decided, "return", by=actor(site, "reviewer"), comment="请补充")
        advance(again, "retract", by=actor(site, "author"))
        advance(again, "submit", by=actor(site, "author"))
    assert told_on(site, TERM_OVER) == 0
    later = TERM_OVER + timedelta(days=5)
    assert told_on(site, later) == 1
    assert [n.uid for _key, n in site.notices.newest("reviewer2", 9)] == [again.uid]


def test_the_office_sets_both_terms_and_none_for_managers(site):
    values = {"title": site.title, "review_days": 1, "escalation_days": 0}
    configure(site, {**site.values, **values}, by=SYSTEM_ACTOR)
    with clock.frozen(FRIDAY):
        handed_in(site)
    assert told_on(site, FRIDAY + timedelta(days=3)) == 0
    assert told_on(site, FRIDAY + timedelta(days=4)) == 1
    assert told_on(site, FRIDAY + timedelta(days=60)) == 0
    assert heard(site, "neglected") == []


def test_nothing_is_told_on_a_day_off_nor_to_who_does_not_want_it_or_left(site):
    with clock.frozen(FRIDAY):
        handed_in(site)
        set_muted(site, ["waiting"], by=actor(site, "reviewer"))
        site.directory.user("reviewer2").disabled = True
    saturday = TERM_OVER + timedelta(days=2)
    assert told_on(site, saturday) == 0
    assert told_on(site, saturday + timedelta(days=2)) == 1
    assert heard(site, "waiting") == ["manager", "reviewer3"]


def test_after_a_long_outage_each_is_told_once_and_of_the_later_stage(site):
    with clock.frozen(FRIDAY):
        handed_in(site)
    assert told_on(site, ESCALATED + timedelta(days=20)) == 1
    assert events(site, "reviewer") == ["neglected"]


def test_who_may_not_see_an_item_is_not_told_of_it(site):
    with clock.frozen(FRIDAY):
        handed_in(site)
        grant(site["health"], "user:outsider", "reviewer", by=SYSTEM_ACTOR)
    told_on(site, TERM_OVER)
    assert events(site, "outsider") == []


def test_many_are_told_of_piece_by_piece(site, monkeypatch):
    monkeypatch.setattr(waiting, "AT_ONCE", 2)
    with clock.frozen(FRIDAY):
        items = [handed_in(site, str(number)) for number in range(5)]  # all at one moment
    with clock.frozen(TERM_OVER):
        assert [remind_deciders(site) for _round in range(4)] == [2, 2, 1, 0]
    told = {n.uid for _key, n in site.notices.newest("reviewer", 9)}
    assert told == {item.uid for item in items}


def test_what_was_told_of_is_forgotten_when_it_is_over(site):
    with clock.frozen(FRIDAY):
        item = handed_in(site)
        since = clock.micros(item.modified)
    told_on(site, TERM_OVER)
    assert site.tasks.has_waited(item.uid, since, 1)
    with clock.frozen(TERM_OVER):
        advance(item, "approve", by=actor(site, "reviewer"))
    told_on(site, TERM_OVER + timedelta(days=1))
    assert not site.tasks.has_waited(item.uid, since, 1)


@given(st.integers(0, 400), st.integers(1, 12), st.integers(1, 12), st.integers(0, 40))
def test_the_moment_before_which_a_term_is_over(day, term, more, hour):
    site = SiteGroup("门户", "system", {"review_days": term})
    start = FRIDAY + timedelta(days=day)
    today = clock.local(start).date()
    before = waiting._before(site, today, more)
    handed = before + timedelta(hours=hour - 20)
    last = after(after(clock.local(handed).date(), term, {}), more, {})
    assert (last < today) == (handed < before)


def test_the_jobs_remind_and_the_letter_goes_out_once(site, database):
    site.directory.user("reviewer").email = "reviewer@example.gov.cn"
    site.directory.user("reviewer3").email = "reviewer3@example.gov.cn"
    with clock.frozen(FRIDAY):
        handed_in(site, "关于放假的通知")
        set_muted(site, [MAIL + "waiting", MAIL + "digest"], by=actor(site, "reviewer3"))
    site._p_jar.transaction_manager.commit()
    letters = []
    settings = Settings()
    for minutes in (0, 5, 10):
        with clock.frozen(TERM_OVER + timedelta(minutes=minutes)):
            run_jobs(database, settings, letters.append)
    subjects = [letter.subject.split("] ")[1] for letter in letters]
    assert sorted(subjects) == ["今天等您办理的事项", "等您审核的稿件已超过期限：关于放假的通知"]
    digest = next(letter.text for letter in letters if "今天等您" in letter.subject)
    assert "待您审核：1 项" in digest
    assert "其中已超过期限：1 项" in digest
    assert {letter.to for letter in letters} == {"reviewer@example.gov.cn"}
