"""Real servers, two egov processes on one database server: ZEO and PostgreSQL, by the configurations in etc/."""

import time

import pytest
from bs4 import BeautifulSoup

from egov.storage.opening import files_of
from egov.storage.scrub import scrub
from tests.soak.servers import Load
from tests.soak.worker import uri_of
from tests.support.cluster import Cluster, Postgres, Zeo, postgres_bin

WRITERS = 3


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


def shows(person, path, text, seconds=1.0):
    """Whether a page shows a text within a time."""
    deadline = time.monotonic() + seconds
    while text not in person.get(path).text:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


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
        # No slower than the rule says, on a machine that has other work too.
        assert shows(reader, "/czj/gzdt", "<h1>财政新闻", seconds=5.0)
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


def test_a_database_server_that_is_killed_under_load_loses_nothing_and_the_site_comes_back(cluster):
    load = Load(cluster, WRITERS)
    try:
        for _turn in range(2):
            load.goes_on(5)
            cluster.database.kill()
            time.sleep(0.5)
            cluster.database.start()
        load.comes_back(5)
    finally:
        wrong = load.end()

    assert wrong == []
    assert set(load.log.answers[-1][1:]) <= {200, 302}
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
