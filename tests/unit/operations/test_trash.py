"""The trash: whole subtrees back as they were, or gone for good by a right of its own, never without notice."""

from datetime import timedelta

import pytest
import transaction

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, NotFound
from egov.base.settings import Settings
from egov.operations.check import check
from egov.operations.jobs import run_jobs
from egov.operations.rights import grant
from egov.operations.trash import discarded, going_of, purge
from egov.operations.tree import delete, place, rename, undelete
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article


def published(site, title, where="news"):
    item = article(site, title=title, where=where)
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(item, step, by=actor(site, who))
    return item


@pytest.fixture
def subtree(site):
    """A section with a public item that is shown elsewhere and was renamed, a draft, and a grant of its own."""
    news = site["finance"]["news"]
    shown, draft = published(site, "甲"), article(site, title="乙")
    rename(shown, "new-name", by=SYSTEM_ACTOR)
    placement = place(shown, site["health"]["news"], by=SYSTEM_ACTOR)
    grant(news, "user:outsider", "editor", by=SYSTEM_ACTOR)
    transaction.commit()
    return news, shown, draft, placement


def test_a_subtree_comes_back_with_order_state_grants_placements_and_redirects(site, app, subtree):
    news, shown, draft, _placement = subtree
    before = list(site["finance"])
    delete(news, by=actor(site, "manager"))
    transaction.commit()
    for path in ("/finance/news/new-name", "/health/news/jia"):
        app.get(path, status=404)

    undelete(site, news.uid, by=actor(site, "manager"))
    transaction.commit()

    assert list(site["finance"]) == before
    assert (shown.live_state, draft.state) == ("published", "draft")
    assert [g.principal for g in news.grants] == ["user:outsider"]
    assert "甲" in app.get("/health/news")
    assert app.get("/finance/news/jia").location.endswith("/finance/news/new-name")
    assert list(check(site)) == []


def test_where_its_place_has_gone_another_is_asked_for(site, subtree):
    news, shown, *_rest = subtree
    by = actor(site, "manager")
    delete(shown, by=by)
    delete(news, by=by)
    with pytest.raises(Conflict, match="另选"):
        undelete(site, shown.uid, by=by)
    assert shown.uid in {e.node.uid for e in discarded(site, by, limit=9)}

    undelete(site, shown.uid, by=by, target=site["finance"]["notices"])

    assert shown.__parent__ is site["finance"]["notices"]
    assert list(check(site)) == []


def test_destroying_is_a_right_of_its_own_and_leaves_nothing(site, database, subtree):
    news, shown, draft, placement = subtree
    advance(article(site, title="丙"), "submit", by=actor(site, "author"))
    delete(news, by=actor(site, "manager"))
    with pytest.raises(Forbidden):
        purge(site, news.uid, by=actor(site, "editor"))
    transaction.commit()

    purge(site, news.uid, by=actor(site, "manager"))
    transaction.commit()

    assert shown.uid not in site.catalog.nodes
    assert draft.uid not in site.catalog.nodes
    assert placement.uid not in site.catalog.nodes
    assert len(site["health"]["news"]) == 0
    assert len(going_of(site)) == 0
    assert list(check(site)) == []
    with pytest.raises(NotFound):
        undelete(site, news.uid, by=actor(site, "manager"))


def test_what_is_large_is_cleared_away_by_the_jobs_in_pieces(site, database):
    for number in range(230):
        article(site, title=f"t{number}")
    news = site["finance"]["news"]
    delete(news, by=SYSTEM_ACTOR)
    known = len(site.catalog.nodes)
    purge(site, news.uid, by=SYSTEM_ACTOR)
    transaction.commit()
    assert len(going_of(site)) == 1
    assert len(site.catalog.nodes) < known - 100

    run_jobs(database, Settings())

    transaction.begin()
    assert len(going_of(site)) == 0
    assert list(check(site)) == []


def test_nothing_is_destroyed_by_time_without_notice_a_week_before(site, database):
    item = article(site, title="甲")
    delete(item, by=actor(site, "manager"))
    transaction.commit()
    begun = clock.now()

    def after(days, **settings):
        with clock.frozen(begun + timedelta(days=days)):
            run_jobs(database, Settings(**settings))
        transaction.begin()
        return item.uid in site.trash, site.notices.unread("manager")

    assert after(500, trash_days=0) == (True, 0)
    assert after(80, trash_days=90) == (True, 0)
    assert after(84, trash_days=90) == (True, 1)
    assert after(85, trash_days=90) == (True, 1)
    assert after(92, trash_days=90) == (False, 1)


def test_what_nobody_was_told_of_is_told_late_and_goes_a_week_later(site, database):
    item = article(site, title="甲")
    delete(item, by=actor(site, "manager"))
    transaction.commit()
    for days, is_there in ((200, True), (204, True), (208, False)):
        with clock.frozen(clock.now() + timedelta(days=days)):
            run_jobs(database, Settings(trash_days=90))
        transaction.begin()
        assert (item.uid in site.trash) is is_there
