"""Real servers, two egov processes on one database server: ZEO and PostgreSQL, by the configurations in etc/."""

import io
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from egov.storage.opening import files_of
from egov.storage.scrub import scrub
from tests.soak.servers import Load
from tests.soak.worker import uri_of
from tests.support.cluster import PATIENCE, Cluster, Postgres, Zeo, free_port, postgres_bin
from tests.support.relay import Relay
from tests.support.uploads import upload

WRITERS = 3
QUESTIONS, BETWEEN = 20, 0.05  # together the second within which a publication shows
TABLE = "姓名,单位\n张三,财政局\n".encode()


@pytest.fixture(scope="module", params=[Zeo, Postgres], ids=["zeo", "postgres"])
def cluster(request, tmp_path_factory):
    """Two processes with the demo city and an office of writers; the last test stops them."""
    if request.param is Postgres:
        pytest.importorskip("relstorage", reason="no RelStorage: pip install 'egov[postgres]'")
        if postgres_bin() is None:
            pytest.skip("no PostgreSQL: apt-get install postgresql, or pip install pgserver")
    running = Cluster(tmp_path_factory.mktemp("cluster"), request.param)
    try:
        running.start("--demo", fill=WRITERS)
        yield running
    finally:
        running.stop()


def soon(is_so):
    """Whether something is so when it is asked for again, before the second that the rule says is over.

    The questions are counted, and between two of them there is at least so much time: a machine that has other work
    makes the answers later, not more of them.
    """
    for _question in range(QUESTIONS):
        if is_so():
            return True
        time.sleep(BETWEEN)
    return is_so()


def shows(person, path, text):
    return soon(lambda: text in person.get(path).text)


def test_two_processes_are_one_site(cluster):
    one, two = cluster.ports
    editor = cluster.person("chenzg")  # asks now one, now the other
    readers = [cluster.person(port=port) for port in (one, two)]
    for reader in readers:
        reader.get("/czj/gzdt")  # now it is kept in memory

    form = editor.get("/manage/czj/gzdt/@@settings").forms[1]
    form["title"] = "财政新闻"
    form.submit("save").follow()

    for reader in readers:
        assert shows(reader, "/czj/gzdt", "<h1>财政新闻")
    for reader in readers:
        assert BeautifulSoup(
            reader.get("/@@search?q=%E8%B4%A2%E6%94%BF").text, "html.parser"
        ).select("main a[href]")
    editor.get("/manage").forms[0].submit()
    for _turn in range(2):
        assert "登录管理平台" in editor.get("/manage").follow().text

    for attempt in range(5):  # failures are counted once for both
        form = cluster.person(port=(one, two)[attempt % 2]).get("/login").forms[0]
        form["id"], form["password"] = "lixy", "wrong"
        form.submit()
    form = cluster.person(port=one).get("/login").forms[0]
    form["id"], form["password"] = "lixy", "Right-Horse-7"
    assert form.submit().status_int == 200


def published(writer, title):
    """An article with a picture and a file, put out by its writer; its address."""
    form = writer.get("/manage/trial/s0/@@add?type=article").forms["edit"]
    form["title"], form["body"], form["source"] = title, f"<p>{title}</p>", "试验局"
    picture = io.BytesIO()
    Image.effect_noise((700, 400), 50).save(picture, "PNG")
    upload(form, "cover", "图.png", picture.getvalue())
    upload(form, "attachments", "名单.csv", TABLE)
    return form.submit("submit", status=302).location.split("/manage", 1)[1]


def test_a_publication_in_one_process_shows_in_the_other_with_all_that_belongs_to_it(cluster):
    one, two = cluster.ports
    writer, reader = cluster.person("w0", port=one), cluster.person(port=two)
    title = "跨进程可见的通知"
    feeds = ("/trial/s0/@@feed.xml", "/trial/@@rss.xml")
    lists = ("/trial/s0", "/trial", f"/@@search?q={quote(title)}")
    for at in (*feeds, *lists, "/sitemap.xml?part=1"):
        reader.get(at)  # now it is kept in memory

    path = published(writer, title)

    for at in (path, *feeds, *lists, "/sitemap.xml?part=1"):
        assert shows(reader, at, path), at
    page = reader.get(path).html
    whole = page.select_one(".files a")["href"]
    small = page.select_one(".cover img")["srcset"].split()[0]
    mine, other = cluster.person(port=one).get(whole), reader.get(whole)
    assert (
        (mine.body, mine.headers["ETag"])
        == (other.body, other.headers["ETag"])
        == (TABLE, mine.headers["ETag"])
    )
    for etag, status in ((mine.headers["ETag"], 206), ('"another"', 200)):
        asked = {"Range": "bytes=3-8", "If-Range": etag}
        part = reader.get(whole, headers=asked, status=status)
        assert part.body == (TABLE[3:9] if status == 206 else TABLE)
    assert part.headers["Accept-Ranges"] == "bytes"
    sizes = {
        accept: reader.get(small, headers={"Accept": accept}).content_type
        for accept in ("image/avif,*/*", "*/*")
    }
    assert sizes == {"image/avif,*/*": "image/avif", "*/*": "image/webp"}

    elsewhere = cluster.person("w0", port=two)
    for browser, others in ((writer, []), (elsewhere, ["您在另一个窗口也打开了这篇稿件。"])):
        window = f"/manage{path}/@@presence?window={browser.app.ports[0]}"
        assert browser.get(window).json["others"] == others

    token = writer.get(f"/manage{path}").html.select_one("input[name=csrf_token]")["value"]
    step = {"csrf_token": token, "step": "unpublish", "comment": "有误", "sure": "1"}
    writer.post(f"/manage{path}/@@step", step, status=302)
    for at, status in ((path, 410), (whole, 404), (small, 404)):
        assert soon(lambda: reader.get(at, status="*").status_int == status), at  # noqa: B023
    for at in (*feeds, *lists, "/sitemap.xml?part=1"):
        assert soon(lambda: f'{path}"' not in reader.get(at).text.replace("<", '"')), at  # noqa: B023


def test_a_copy_of_a_file_in_which_a_byte_flips_is_fetched_anew(cluster):
    if isinstance(cluster.database, Zeo):
        pytest.skip("these processes read the server's own files")
    reader = cluster.person()
    path = published(cluster.person("w0"), "有附件的通知")
    assert shows(reader, path, "有附件的通知")
    whole = reader.get(path).html.select_one(".files a")["href"]
    for _process in range(2):
        assert reader.get(whole).body == TABLE
    copies = [
        copy for copy in (cluster.servers.folder / "var/blob-cache").rglob("*.blob")
        if copy.read_bytes() == TABLE
    ]  # fmt: skip
    assert copies
    for copy in copies:
        copy.chmod(0o600)
        copy.write_bytes(bytes([TABLE[0] ^ 4]) + TABLE[1:])

    for _process in range(2):
        assert reader.get(whole).body == TABLE
    assert "fetched anew" in cluster.servers.logs()


@pytest.fixture
def late(cluster):
    """One more process, which hears from the database server when it is let: its port, and who lets it."""
    relay, port = Relay(cluster.database.port), free_port()
    child = cluster.serve(port, cluster.database.through(relay.port))
    cluster.servers.wait_for(port, child)
    yield port, relay
    relay.close()
    child.kill()
    child.wait()


def test_who_signs_in_and_writes_in_one_process_is_known_in_another_that_hears_of_it_late(
    cluster, late
):
    port, relay = late
    cluster.person("w0", port=port).get("/manage/trial/s0")  # now it knows how things stand
    relay.hold()
    browser = cluster.person("w0", port=cluster.ports[0])
    form = browser.get("/manage/trial/s0/@@add?type=article").forms["edit"]
    form["title"], form["body"], form["source"] = "刚写的", "<p>刚写的</p>", "试验局"
    path = form.submit("submit", status=302).location.split("/manage", 1)[1]

    browser.app.ports = [port]
    with ThreadPoolExecutor(1) as elsewhere:
        page = elsewhere.submit(browser.get, f"/manage{path}", status="*")
        relay.wait_until_asked(PATIENCE)
        relay.release()

    assert page.result().status_int == 200
    assert "刚写的" in page.result().text


def test_a_database_server_that_is_killed_under_load_loses_nothing_and_the_site_comes_back(cluster):
    load = Load(cluster, WRITERS)
    try:
        for _turn in range(2):
            load.goes_on(5)
            cluster.database.kill()
            time.sleep(0.5)
            cluster.database.start()
        load.goes_on(5)
        cluster.database.restart()
        load.comes_back(5)
    finally:
        wrong = load.end()

    assert wrong == []
    assert load.log.answers[-1].status in {200, 302}
    doctor(cluster)


def doctor(cluster):
    """Nothing is found wrong once all is stopped."""
    for process in cluster.processes:
        process.terminate()
        process.wait()
    if isinstance(cluster.database, Zeo):
        cluster.database.child.terminate()
        cluster.database.child.wait()
        cluster.servers.egov("doctor", config="etc/production.ini")
        assert scrub(files_of(uri_of(cluster.servers.folder / "var"))).damages == []
    else:
        cluster.servers.egov("doctor", config=cluster.database.config)
        assert "data_checksums" not in cluster.servers.logs()
        cluster.database.stop_comparing()
        cluster.servers.egov("doctor", config=cluster.database.config)
        assert "没有启用 data_checksums" in cluster.servers.logs()
        cluster.servers.wait_for(cluster.ports[0], cluster.serve(cluster.ports[0]))
        assert "data_checksums is off" in cluster.servers.logs()
