"""What those who keep egov running see: ids, metrics, health, slow requests, a full disk."""

import re
from datetime import timedelta

import pytest
import transaction
from ZODB import DB

from egov.base import clock
from egov.base.settings import Settings
from egov.evolve.running import mark_new
from egov.storage.upkeep import BACKUP, SCRUB, noting
from egov.web.connections import Connections
from tests.support.full_disk import FullDisk
from tests.support.world import article


def test_every_answer_has_an_id_and_keeps_a_given_one(app):
    assert re.fullmatch(r"[0-9a-f]{16}", app.get("/").headers["X-Request-ID"])
    given = app.get("/no", status=404, headers={"X-Request-ID": "proxy-12345678"})
    assert given.headers["X-Request-ID"] == "proxy-12345678"
    forged = app.get("/", headers={"X-Request-ID": "a b; <script>"})
    assert forged.headers["X-Request-ID"] != "a b; <script>"


def test_health_and_readiness(app, wsgi):
    assert app.get("/-/health").text == "ok\n"
    assert app.get("/-/ready").text == "ready\n"
    wsgi.registry.connections = Connections(None)

    assert app.get("/-/health").text == "ok\n"
    assert app.get("/-/ready", status=503).text == "not ready\n"


def test_metrics_answer_this_machine_or_the_token(app, wsgi):
    app.get("/")
    text = app.get("/-/metrics", extra_environ={"REMOTE_ADDR": "127.0.0.1"}).text

    assert 'egov_requests_total{face="public",method="GET",status="200"} 1.0' in text
    took = {line.rpartition(" ")[0]: line.rpartition(" ")[2] for line in text.splitlines()}
    within = [
        float(n) for name, n in took.items() if name.startswith("egov_request_seconds_bucket")
    ]
    assert within == sorted(within)
    assert within[-1] == float(took['egov_request_seconds_count{face="public"}']) == 1
    assert float(took['egov_request_seconds_sum{face="public"}']) > 0
    assert "egov_database_objects" in text
    app.get("/-/metrics", extra_environ={"REMOTE_ADDR": "192.0.2.1"}, status=404)
    settings = wsgi.registry.egov
    object.__setattr__(settings, "metrics_token", "secret")
    app.get("/-/metrics", status=404)
    app.get("/-/metrics", headers={"Authorization": "Bearer secret"})


@pytest.fixture
def noted(wsgi, tmp_path):
    """Where the commands note how they ended."""
    object.__setattr__(wsgi.registry.egov, "upkeep_file", str(tmp_path / "upkeep"))
    return tmp_path / "upkeep"


def lines_of(browser):
    """The page of the system administrator: what, tone and text of each line."""
    lines = browser.get("/manage/@@condition").html.select(".condition li")
    return {line.strong.text: (line.select_one(".chip").text.strip(), line.text) for line in lines}


def test_the_administrator_sees_when_and_how_backup_and_scrub_ended(app, sign_in, noted):
    admin = sign_in("system-admin")
    assert lines_of(admin)["备份"][0] == "注意"
    with noting(noted, BACKUP) as work:
        work.told = "备份 7 个事务"
    with noting(noted, SCRUB) as work:
        work.is_done, work.told = False, "发现 2 处损坏"

    lines = lines_of(admin)

    assert lines["备份"][0] == "正常"
    assert "备份 7 个事务" in lines["备份"][1]
    assert lines["校验"][0] == "异常"
    assert "发现 2 处损坏（上次成功：从未）" in lines["校验"][1]
    metrics = app.get("/-/metrics", extra_environ={"REMOTE_ADDR": "127.0.0.1"}).text
    assert 'egov_upkeep_ok{work="backup"} 1.0' in metrics
    assert 'egov_upkeep_ok{work="scrub"} 0.0' in metrics
    with clock.frozen(clock.now() + timedelta(hours=27)):
        assert lines_of(sign_in("system-admin"))["备份"][0] == "注意"


def test_the_desk_of_who_has_only_a_duty_shows_that_work_alone(sign_in, noted):
    desk = sign_in("system-admin").get("/manage").html
    assert [line.strong.text for line in desk.select(".condition li")] == [
        "备份",
        "校验",
        "数据升级",
    ]
    assert [a["href"] for a in desk.select(".side nav a")][:2] == ["/manage", "/manage/@@batches"]
    assert desk.select_one(".tree") is None
    assert "我的稿件" not in desk.text

    auditor = sign_in("audit-admin").get("/manage").html
    assert auditor.select_one(".condition") is None
    assert "现在没有需要您处理的事" in auditor.text

    author = sign_in("author").get("/manage").html
    assert author.select_one(".tree") is not None
    assert "我的稿件" in author.text


def test_the_administrator_sees_steps_that_wait_and_work_that_is_late(sign_in, site):
    admin = sign_in("system-admin")
    assert (
        lines_of(admin)["数据升级"][0] == "注意"
    )  # the world of the tests was never marked as new
    mark_new(site._p_jar.root())
    site.catalog.agenda.set(1, "publish", None, clock.now() - timedelta(hours=1))
    transaction.commit()

    lines = lines_of(admin)

    assert lines["数据升级"][0] == "正常"
    assert lines["定时工作"][0] == "异常"


def test_a_slow_request_is_logged_with_what_it_loaded(app, wsgi, caplog):
    object.__setattr__(wsgi.registry.egov, "slow_request_ms", 0)

    answer = app.get("/finance")

    line = next(r.getMessage() for r in caplog.records if "slow:" in r.getMessage())
    assert re.search(r"GET /finance took \d+ ms and loaded \d+ objects, answer 200", line)
    assert answer.headers["X-Request-ID"] in line


@pytest.fixture
def database(tmp_path):
    """A database on a disk that can be full."""
    (tmp_path / "blobs").mkdir()
    db = DB(FullDisk(str(tmp_path / "Data.fs"), str(tmp_path / "blobs"), create=True))
    yield db
    transaction.abort()
    db.close()


def test_on_a_full_disk_writes_are_refused_reading_goes_on_and_it_recovers(sign_in, site, database):
    item = article(site)
    transaction.commit()
    author = sign_in("author")
    url = f"/manage/finance/news/{item.__name__}"
    form = author.get(f"{url}/@@edit").forms[1]
    form["title"] = "改过的标题"
    database.storage.full_after(0)

    refused = form.submit(status=507)

    assert "磁盘已满" in refused.text
    assert "暂时只能浏览，不能保存" in author.get("/manage").text
    assert refused.headers["X-Request-ID"] in refused.text
    with clock.frozen(clock.now() + timedelta(minutes=5)):  # the session wants to be touched
        assert "改过的标题" not in author.get(url).text
    assert author.get("/finance").status_int == 200
    database.storage.full_after(10**9)
    form.submit(status=302)
    assert "改过的标题" in author.get(url).text


def test_reading_is_not_disturbed_when_it_is_the_first_to_find_the_disk_full(
    sign_in, site, database
):
    author = sign_in("author")
    database.storage.full_after(0)

    with clock.frozen(clock.now() + timedelta(minutes=5)):
        assert author.get("/manage/finance/news").status_int == 200


def test_where_to_report_a_weakness(wsgi, app):
    app.get("/.well-known/security.txt", status=404)
    wsgi.registry.egov = Settings(security_contact="security@example.gov.cn")
    answer = app.get("/.well-known/security.txt")
    assert "Contact: mailto:security@example.gov.cn" in answer
    assert "Expires: " in answer
