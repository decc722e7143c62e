"""Before its time and after its end a thing is missing wherever the public could meet it, whenever the job comes."""

import io
import re
from datetime import timedelta

import pytest
import transaction
from PIL import Image

from egov.base import clock
from egov.base.settings import Settings
from egov.model.files import StoredFile
from egov.operations.content import edit
from egov.operations.jobs import run_jobs
from egov.operations.schedule import schedule
from egov.operations.workflow import advance
from tests.support.world import actor, article

HOUR = timedelta(hours=1)
TITLE = "放假期间供水安排"
NAMES = "供水点名单"


def picture():
    out = io.BytesIO()
    Image.new("RGB", (900, 600), "#1d4f91").save(out, "JPEG")
    return StoredFile(out.getvalue(), "map.jpg", "image/jpeg")


@pytest.fixture
def item(site):
    found = article(site, title=TITLE)
    files = {"cover": picture(), "attachments": (StoredFile(b"a,b", f"{NAMES}.csv", "text/csv"),)}
    edit(found, {**found.work.values, **files}, by=actor(site, "author"))
    advance(found, "submit", by=actor(site, "author"))
    advance(found, "approve", by=actor(site, "reviewer"))
    now = clock.now()
    schedule(found, now + HOUR, now + 3 * HOUR, by=actor(site, "publisher"))
    transaction.commit()
    return found


def faces(item):
    """Where the public could meet it, and whether it is there by its address or by its title on a page."""
    cover, table = item.work.values["cover"], item.work.values["attachments"][0]
    path = f"/finance/news/{item.__name__}"
    own = (
        path, f"/-/node/{item.uid}", f"/-/file/{item.uid}/{cover.id}/map.jpg",
        f"/-/file/{item.uid}/{cover.id}/w320/map.jpg.webp", f"/-/file/{item.uid}/{table.id}/x.csv",
    )  # fmt: skip
    lists = (
        "/", "/finance", "/finance/news", "/finance/news/@@feed.xml", "/finance/@@feed.xml",
        "/@@search?q=%E4%BE%9B%E6%B0%B4%E5%AE%89%E6%8E%92", "/finance/@@search?q=%E4%BE%9B%E6%B0%B4",
    )  # fmt: skip
    return own, lists, path


def words_of(page):
    """What is read on a page; what was looked for is marked within the words."""
    return page.html.text if page.content_type == "text/html" else page.text


def seen(app, item):
    """The places in which a visitor meets it now."""
    app.app.registry.search._looked = 0.0  # as if a second had passed
    own, lists, path = faces(item)
    there = {place for place in own if app.get(place, status="*").status_int in (200, 302)}
    there |= {place for place in lists if TITLE in words_of(app.get(place, status="*"))}
    parts = re.findall(r"/sitemap.xml\?part=\d+", app.get("/sitemap.xml").text)
    return there | ({"map"} if any(path in app.get(part).text for part in parts) else set())


def everywhere(item):
    own, lists, _path = faces(item)
    return {*own, *lists, "map"}


@pytest.mark.parametrize("job", ["in time", "late"])
def test_it_is_nowhere_then_everywhere_then_nowhere(site, database, app, item, job):
    assert seen(app, item) == set()
    run_jobs(database, Settings())
    assert seen(app, item) == set()
    with clock.frozen(clock.now() + 2 * HOUR):
        assert run_jobs(database, Settings()) == 1
        transaction.begin()
        missing = everywhere(item) - seen(app, item)
        assert missing <= {"/"}  # what the portal shows is its editors' choice
    with clock.frozen(clock.now() + 4 * HOUR):
        if job == "in time":
            run_jobs(database, Settings())
            transaction.begin()
        assert seen(app, item) == set()


def test_editors_see_it_all_the_while_with_its_times(site, database, sign_in, item):
    editor = sign_in("editor")
    path = f"/manage/finance/news/{item.__name__}"
    assert "定于" in editor.get(path)
    cover = item.work.values["cover"]
    editor.get(f"/-/file/{item.uid}/{cover.id}/map.jpg", status=200)
    with clock.frozen(clock.now() + 4 * HOUR):
        run_jobs(database, Settings())
        run_jobs(database, Settings())
        transaction.begin()
        browser = sign_in("editor")
        assert "已下线" in browser.get(path)
        browser.get(f"/-/file/{item.uid}/{cover.id}/map.jpg", status=200)


def test_after_an_outage_over_both_moments_it_was_never_public(site, database, app, item):
    with clock.frozen(clock.now() + 10 * HOUR):
        run_jobs(database, Settings())
        run_jobs(database, Settings())
        transaction.begin()
        assert seen(app, item) == set()
        assert item.live_state == "unpublished"
