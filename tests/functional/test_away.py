"""While the database server does not answer: told at once, and visitors read on what is in memory."""

import pytest
from ZEO.Exceptions import ClientDisconnected


class Away:
    """A database in front of the real one whose server may be gone, as ZEO's client tells it."""

    def __init__(self, database):
        self.database, self.is_gone, self.storage = database, False, self

    def is_connected(self):
        return not self.is_gone

    def lastTransaction(self):  # noqa: N802
        return self.database.lastTransaction()

    def open(self, *args, **kwargs):
        if self.is_gone:
            raise ClientDisconnected
        return self.database.open(*args, **kwargs)

    def __getattr__(self, name):
        return getattr(self.database, name)


@pytest.fixture
def away(wsgi, database):
    """The application's database, which can go away."""
    found = Away(database)
    wsgi.registry._zodb_databases = {"": found}
    wsgi._database = wsgi.registry.connections._database = found
    yield found
    wsgi.registry._zodb_databases = {"": database}


def test_it_is_told_at_once_and_the_process_is_alive_but_not_ready(app, sign_in, away):
    author = sign_in("author")
    away.is_gone = True

    page = app.get("/health", status=503)
    assert "数据库暂时连接不上" in page.text
    assert page.headers["Retry-After"] == "10"
    assert "不能确定" in author.post("/manage/finance/news/@@add?type=article", status=503).text
    app.get("/-/health", status=200)
    app.get("/-/ready", status=503)
    away.is_gone = False
    app.get("/health", status=200)
    app.get("/-/ready", status=200)


def test_visitors_read_on_what_is_in_memory_for_a_minute(app, away, wsgi):
    for _turn in range(2):
        app.get("/finance")
    away.is_gone = True

    assert "市财政局" in app.get("/finance").text
    _last, asked, revision = wsgi._known
    wsgi._known = (None, asked - 61, revision)
    app.get("/finance", status=503)


def test_an_error_that_tells_of_it_is_told_likewise(app, away, monkeypatch):
    monkeypatch.setattr(away, "is_connected", lambda: True)  # not noticed yet
    away.is_gone = True

    assert "数据库暂时连接不上" in app.get("/health", status=503).text
