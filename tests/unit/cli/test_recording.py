"""Who ran a command that looks after the database is on record, also where the database was in use meanwhile."""

import json
import logging
import os
import shutil
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from egov.base import clock
from egov.cli.acting import operator
from egov.cli.database import open_root, open_site
from egov.evolve.running import mark_new
from egov.operations.commands import take_up
from egov.operations.content import create
from egov.operations.schedule import schedule
from egov.operations.setup import make_site
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from egov.storage.opening import open_database
from egov.storage.typed import Typed, put_down, taking, waiting_files
from tests.support.world import register_types


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The files of a site group with one page that goes at a time."""
    folder = tmp_path_factory.mktemp("small")
    uri = f"file://{folder}/Data.fs?blobstorage_dir={folder}/blobs"
    with closing(open_database(uri, create=True)) as database, database.transaction() as connection:
        register_types()
        site = make_site(connection.root(), {"title": "临江市"})
        values = {"title": "关于", "body": "<p>文</p>"}
        page = create(site, "page", values, by=SYSTEM_ACTOR)
        for step in ("submit", "approve", "publish"):
            advance(page, step, by=SYSTEM_ACTOR)
        schedule(page, None, clock.now() + timedelta(hours=1), by=SYSTEM_ACTOR)
        mark_new(connection.root())
    return folder


@pytest.fixture
def made(run, small, tmp_path):
    """The same with an ini file that knows of a search index and of a page about maintenance."""
    shutil.copytree(small, tmp_path, dirs_exist_ok=True)
    ini = tmp_path / "egov.ini"
    more = f"egov.search_dir = {tmp_path}/search\negov.maintenance_file = {tmp_path}/closed\n"
    ini.write_text(ini.read_text("utf-8") + more, "utf-8")
    return tmp_path


def commands_on_record():
    with open_site() as site:
        found = [r for r in site.audit.newest() if r.action == "command"]
        assert all((r.actor, r.address) == ("system", operator()) for r in found)
        assert site.audit.verify().is_sound
        return [(r.outcome, r.reason.split("；")[0]) for r in found]


def test_each_command_is_on_record_with_who_typed_it(run, made):
    here = f"file://{made}/Data.fs?blobstorage_dir={made}/blobs"
    commands = (
        ("backup", f"{made}/backup"), ("scrub",), ("scrub", "--accept"), ("pack", "--days", "0"), ("reindex",),
        ("maintenance", "on", "今晚维护"), ("maintenance", "off"), ("doctor", "--repair"),
        ("convert", here, f"file://{made}/new.fs?blobstorage_dir={made}/new"),
    )  # fmt: skip
    for words in commands:
        run(*words)

    told = [
        "backup",
        "scrub",
        "scrub",
        "scrub",
        "pack",
        "reindex",
        "maintenance on",
        "maintenance off",
    ]
    told += ["doctor", "convert"]
    assert commands_on_record()[::-1] == [("done", f"egov {words}") for words in told]


def test_what_failed_is_on_record_with_its_reason(run, made):
    (made / "backup").mkdir()
    run("restore", str(made / "backup"), "--into", str(made / "again"), status=1)
    run("convert", f"file://{made}/nothing.fs", f"file://{made}/new.fs", status=1)

    assert commands_on_record() == [("failed", "egov convert"), ("failed", "egov restore")]


def test_what_was_brought_back_tells_of_it(run, made, monkeypatch):
    run("backup", str(made / "backup"))
    run("restore", str(made / "backup"), "--into", str(made / "again"))
    assert commands_on_record()[0] == ("done", "egov restore")

    ini = made / "egov.ini"
    text = ini.read_text("utf-8").replace(f"{made}/Data.fs", f"{made}/again/Data.fs")
    ini.write_text(text.replace(f"{made}/blobs", f"{made}/again/blobs"), "utf-8")
    run("jobs")

    assert commands_on_record() == [("done", "egov restore")]


def test_what_was_converted_tells_of_it(run, made):
    new = f"file://{made}/new.fs?blobstorage_dir={made}/new"
    run("convert", f"file://{made}/Data.fs?blobstorage_dir={made}/blobs", new)

    ini = made / "egov.ini"
    old = f"file://{made}/Data.fs?blobstorage_dir={made}/blobs"
    ini.write_text(ini.read_text("utf-8").replace(old, new), "utf-8")

    assert commands_on_record() == [("done", "egov convert")]


def test_regular_work_is_on_record_where_there_was_some(run, made):
    run("jobs")
    assert commands_on_record() == []

    with clock.frozen(clock.now() + timedelta(hours=2)):
        run("jobs")
        run("jobs")

    assert commands_on_record() == [("done", "egov jobs")]


def test_a_repair_says_what_is_left(run, made):
    with open_site() as site:
        for domains in site.catalog.shelves.values():
            for stream in domains.values():
                stream.size += 5

    run("doctor", "--repair")

    with open_site() as site:
        command, *repairs = [r for r in site.audit.newest() if r.action in ("command", "repair")]
        assert "没有问题" in command.reason
        assert repairs
        assert {r.address for r in repairs} == {operator()}


def test_what_runs_beside_the_server_waits_for_it(run, made):
    with open_root() as root:  # the lock of a server
        run("backup", str(made / "backup"))
        run("maintenance", "on", "今晚维护")
        files = waiting_files(f"file://{made}/Data.fs")
        database = root._p_jar.db()
        assert take_up(database, files) == 2
        assert take_up(database, files) == 0

    assert commands_on_record() == [("done", "egov maintenance on"), ("done", "egov backup")]


def test_what_cannot_be_recorded_stays(run, made):
    path = made / "Data.commands"
    put_down(path, Typed("2026-11-29 09:00", "console:root", "egov pack", "done", ""))

    with pytest.raises(RuntimeError), taking(path):
        raise RuntimeError

    with taking(path) as waiting:
        assert len(waiting) == 1


def test_what_cannot_be_read_does_not_stop_regular_work(made, caplog):
    path = made / "Data.commands"
    path.mkdir()

    assert take_up(None, [path]) == 0
    assert "not put on record" in caplog.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_puts_down_is_the_servers(tmp_path):
    os.chown(tmp_path, 12345, 12345)

    put_down(tmp_path / "x.commands", Typed("", "console:root", "egov backup", "done", ""))

    assert (tmp_path / "x.commands").stat().st_uid == 12345


def test_half_a_line_is_told_as_it_stands(made):
    path = made / "Data.commands"
    path.write_text('{"at": "2026', "utf-8")

    with taking(path) as waiting:
        assert waiting == [Typed("", "", '{"at": "2026', "failed", "")]


def test_where_it_can_wait_nowhere_it_is_logged(run, made, caplog):
    ini = made / "egov.ini"
    text = ini.read_text("utf-8")
    away = text.replace(f"file://{made}/Data.fs?blobstorage_dir={made}/blobs",
                        "zeo://127.0.0.1:1?wait_timeout=1")  # fmt: skip
    ini.write_text(away, "utf-8")

    with caplog.at_level(logging.WARNING):
        run("maintenance", "off")

    (line,) = [r.getMessage() for r in caplog.records if r.getMessage().startswith("command: ")]
    facts = json.loads(line.removeprefix("command: "))
    assert (facts["command"], facts["operator"]) == ("egov maintenance off", operator())
    assert not Path("Data.commands").exists()


def test_another_hash_is_taken_into_use(run, made):
    assert "没有“md5”这种校验算法" in run("audit", "hash", "md5", status=1).output
    run("audit", "hash", "sm3")

    with open_site() as site:
        assert next(site.audit.newest()).digest.startswith("sm3:")
        assert site.audit.verify().is_sound
