"""Fixtures: the world in memory, the application on it, a live server, a browser."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

# Each worker and each server that a test starts would compile every template anew; what they compile is kept
# by the templates' own words, so an old one is never taken. It must be known before Chameleon is imported.
COMPILED = Path(__file__).parent.parent / ".pytest_cache" / "templates"
COMPILED.mkdir(parents=True, exist_ok=True)
os.environ.setdefault("CHAMELEON_CACHE", str(COMPILED))

# ruff: noqa: E402
import hypothesis
import pytest
import transaction
from webtest import TestApp

from egov.cli.demo.load import load_demo
from egov.history import audit
from egov.operations.setup import make_site
from tests.support import world
from tests.support.postbox import open_postbox
from tests.support.serving import serving

# A busy machine is slow; how long an example may take is no property of the code.
hypothesis.settings.register_profile("egov", deadline=None)
hypothesis.settings.load_profile("egov")

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
BROWSER_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_xdist_auto_num_workers():
    """One more than processors: the tests in a browser and with servers mostly wait."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def database():
    db = world.open_database()
    yield db
    transaction.abort()
    db.close()


@pytest.fixture
def postbox():
    """A mail server for as long as the test."""
    with open_postbox() as box:
        yield box


@pytest.fixture
def site(database, monkeypatch):
    # The test itself writes the log's first strand. The server, which retries when it meets another writer,
    # begins with one of the others: a test does not retry.
    monkeypatch.setattr(audit, "randbelow", lambda most: secrets.randbelow(most - 1) + 1)
    connection = database.open()
    yield world.build(connection.root())
    transaction.abort()
    connection.close()


@pytest.fixture
def wsgi(database, site, tmp_path):
    """The application on the world's database."""
    return world.application(database, {"egov.search_dir": str(tmp_path / "search")})


@pytest.fixture
def app(wsgi):
    """A visitor."""
    return TestApp(wsgi)


@pytest.fixture
def sign_in(wsgi):
    """Sign a person of the world in; returns their browser."""

    def signed_in(user_id):
        browser = TestApp(wsgi)
        form = browser.get("/login").forms[0]
        form["id"], form["password"] = user_id, world.PASSWORD
        form.submit(status=302)
        return browser

    return signed_in


@pytest.fixture
def server(wsgi):
    """The application on a free loopback port."""
    with serving(wsgi) as address:
        yield address


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The application on the demo city, in memory; tests only read it."""
    database = world.open_database()
    world.register_types()
    connection = database.open()
    site = make_site(connection.root(), {"title": "市", "code": "4299000001"})
    load_demo(site, world.PASSWORD)
    transaction.commit()
    connection.close()
    search_dir = str(tmp_path_factory.mktemp("search"))
    yield world.application(database, {"egov.search_dir": search_dir})
    transaction.abort()
    database.close()


@pytest.fixture
def demo_server(demo):
    """The demo city on a free loopback port."""
    with serving(demo) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    """Chromium, started once for all tests of a worker: a start takes longer than most of them."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_FLAGS)
        yield running
        running.close()


@pytest.fixture
def browser(chromium):
    """Chromium, driven for real; what a test opens there, cookies and pages, ends with it."""
    yield chromium
    for context in chromium.contexts:
        context.close()
