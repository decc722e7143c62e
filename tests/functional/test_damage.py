"""Bytes that flip on the disk while the site is in use: what they are part of is not shown, all else is."""

import re
from contextlib import closing
from pathlib import Path

import pytest
import transaction
from persistent.mapping import PersistentMapping
from ZEO.Exceptions import ServerException
from ZODB import DB

from egov import extract
from egov.model.files import StoredFile
from egov.operations.content import edit
from egov.operations.workflow import advance
from egov.storage.away import is_away
from egov.storage.blobs import BLOCK
from egov.storage.engine import SafeStorage
from egov.storage.errors import damage_of
from egov.storage.opening import open_database
from egov.storage.upkeep import READING, SCRUB, last_works, noting
from egov.web.urls import file_url, public_url
from tests.soak.worker import uri_of
from tests.support.cluster import Servers, Zeo
from tests.support.world import actor, article


@pytest.fixture
def database(tmp_path):
    """A database on the disk."""
    (tmp_path / "blobs").mkdir()
    db = DB(SafeStorage(f"{tmp_path}/Data.fs", f"{tmp_path}/blobs", create=True))
    yield db
    transaction.abort()
    db.close()


@pytest.fixture
def register(wsgi, tmp_path):
    """Where upkeep is noted."""
    object.__setattr__(wsgi.registry.egov, "upkeep_file", str(tmp_path / "upkeep"))
    return tmp_path / "upkeep"


def flip(path, at):
    path.chmod(0o600)
    with path.open("r+b") as target:
        target.seek(at)
        byte = target.read(1)[0]
        target.seek(at)
        target.write(bytes([byte ^ 4]))


def publish(site, title, **more):
    """A published article, alone in its transaction."""
    item = article(site, title=title)
    edit(item, {**item.work.values, **more}, by=actor(site, "author"))
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(item, step, by=actor(site, who))
    transaction.commit()
    return item


@pytest.fixture
def damaged(database, site):
    """A published article whose text has changed on the disk, and how to change it back."""
    item = publish(site, "甲", body=f"<p>{'正文' * 2000}</p>")
    publish(site, "乙", body=f"<p>{'别的' * 2000}</p>")
    data = Path(database.storage.getName())
    at = data.read_bytes().index(("正文" * 40).encode()) + 4096
    flip(data, at)
    database.cacheMinimize()
    return public_url(item), lambda: flip(data, at)


def test_only_the_page_that_is_damaged_is_not_shown(app, damaged, caplog):
    url, mend = damaged

    page = app.get(url, status=500)

    assert "为避免显示错误的内容，暂不提供" in page.html.main.text
    assert page.headers["X-Request-ID"] in page.html.main.text
    assert any(re.search(r"damaged: Data.fs \d+ .*oid 0x", r.getMessage()) for r in caplog.records)
    other = next(
        a["href"] for a in app.get("/finance/news").html.select("main a") if a.text == "乙"
    )
    assert "别的" in app.get(other)
    mend()
    assert "正文" in app.get(url)


def test_health_metrics_and_the_administrator_tell_of_it_until_a_scrub_finds_nothing(
    app, sign_in, damaged, register
):
    url, mend = damaged
    assert app.get("/-/health").text == "ok\n"
    for _n in range(2):
        app.get(url, status=500)

    assert app.get("/-/health").text == "degraded: 1 damaged\n"
    metrics = app.get("/-/metrics", extra_environ={"REMOTE_ADDR": "127.0.0.1"}).text
    assert "egov_damaged_reads_total 2.0" in metrics
    assert 'egov_upkeep_ok{work="reading"} 0.0' in metrics
    assert "以下数据已损坏" in sign_in("system-admin").get("/manage/@@condition")
    assert not last_works(register)[READING].is_done
    mend()
    with noting(register, SCRUB) as work:
        work.told = "没有发现损坏"
    assert app.get("/-/health").text == "ok\n"
    assert "读取时没有发现损坏" in sign_in("system-admin").get("/manage/@@condition")


def test_another_process_and_the_next_start_know_of_it(app, wsgi, damaged, register):
    url, _mend = damaged
    app.get(url, status=500)
    wsgi.registry.damage._found.clear()

    assert app.get("/-/health").text == "degraded: 1 damaged\n"


def with_file(site, content, name="名单.csv"):
    file = StoredFile(content, name, "text/csv")
    item = publish(site, "丙", attachments=(file,))
    return file, file_url(item, file)


def test_a_file_that_is_damaged_is_not_handed_over(app, site):
    file, url = with_file(site, b"1,2\n" * 100)
    path = Path(file.stored()[0])
    for is_known in (False, True):
        if is_known:
            assert app.get(url).body == b"1,2\n" * 100
        flip(path, 99)
        assert "暂不提供" in app.get(url, status=500)
        flip(path, 99)
    assert app.get("/-/health").text == "degraded: 1 damaged\n"


@pytest.mark.parametrize("change", ["shorter", "longer", "zeros"])
def test_a_file_of_another_length_or_of_zeros_is_not_handed_over(change, app, site):
    file, url = with_file(site, b"1,2\n" * 100)
    path = Path(file.stored()[0])
    path.chmod(0o600)
    content = path.read_bytes()
    path.write_bytes(
        {"shorter": content[:-1], "longer": content + b"x", "zeros": bytes(400)}[change]
    )

    app.get(url, status=500)


def test_of_a_long_file_no_block_that_was_damaged_since_is_handed_over(app, site):
    content = bytes(range(256)) * (3 * BLOCK // 256) + b"end"
    file, url = with_file(site, content, "long.csv")
    assert app.get(url).body == content
    part = app.get(url, headers={"Range": f"bytes={BLOCK - 5}-{2 * BLOCK + 6}"}, status=206)
    assert part.body == content[BLOCK - 5 : 2 * BLOCK + 7]
    flip(Path(file.stored()[0]), 2 * BLOCK + 10)

    with pytest.raises(Exception, match=f"{2 * BLOCK}"):
        app.get(url)

    assert app.get("/-/health").text == "degraded: 1 damaged\n"
    assert app.get(url, headers={"Range": "bytes=5-9"}, status=206).body == content[5:10]
    assert app.head(url).content_length == len(content)


def test_no_text_is_taken_from_a_file_that_is_damaged(site, caplog):
    file, _url = with_file(site, b"%PDF-", "a.pdf")
    flip(Path(file.stored()[0]), 1)

    extract._known.clear()  # it was read when the article was indexed

    assert extract.text_of(file) == ""
    assert "it is not what was stored" in caplog.text


def test_what_a_database_server_tells_of_damage_is_the_same_page(app, wsgi, monkeypatch):
    told = {"position": 7, "tid": b"t" * 8, "oid": b"o" * 8, "where": "Data.fs"}

    def refuse(_request):
        raise ServerException("egov.storage.errors.Damaged", told)

    monkeypatch.setattr("egov.public.views.page", lambda *_args, **_more: refuse(None))
    monkeypatch.setattr("egov.public.sections.page", lambda *_args, **_more: refuse(None))

    assert "暂不提供" in app.get("/finance/news", status=500)
    assert app.get("/-/health").text == "degraded: 1 damaged\n"


def test_a_database_server_gives_nothing_damaged_to_its_clients(tmp_path):
    servers = Servers(tmp_path)
    server = Zeo(servers)
    with (
        closing(open_database(uri_of(tmp_path / "var"), create=True)) as made,
        made.transaction() as connection,
    ):
        connection.root()["kept"] = PersistentMapping(text="words" * 999)
        connection.root()["other"] = PersistentMapping(text="more" * 999)
    data = tmp_path / "var/Data.fs"
    server.start()
    try:
        flip(data, data.read_bytes().index(b"words" * 99) + 2048)
        with (
            closing(open_database(f"zeo://127.0.0.1:{server.port}?wait_timeout=20")) as client,
            client.transaction() as connection,
        ):
            assert connection.root()["other"]["text"] == "more" * 999
            kept = connection.root()["kept"]
            with pytest.raises(ServerException) as raised:
                kept["text"]
        assert damage_of(raised.value).oid == kept._p_oid
        assert not is_away(raised.value)
    finally:
        servers.stop()
