"""A server that is told to end, as systemd does: what it has begun is done, what it has counted is noted."""

import asyncio
import signal
import threading
import time
from contextlib import closing
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest
import transaction

from egov.base import clock
from egov.base.settings import Settings
from egov.features.readership.register import SEEN, readership_of
from egov.operations.jobs import run_jobs
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from egov.storage.opening import open_database
from egov.web.background import Background
from egov.web.evolving import _work
from egov.web.mail import sender_for
from tests.soak.worker import uri_of
from tests.support import world
from tests.support.cluster import BIN, PATIENCE, Servers, free_port
from tests.support.postbox import Postbox, open_postbox

PEOPLE = ("author", "editor")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
CONFIG = "etc/production.ini"


class Slow(Postbox):
    """A postbox that takes a letter only when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may = threading.Event(), threading.Event()

    @property
    def settings(self) -> Settings:
        return Settings(jobs_seconds=1, mail_host="127.0.0.1", mail_port=self.port, mail_sender="egov@example.cn",
                        base_url="https://www.example.cn")  # fmt: skip

    async def handle_DATA(self, *args):  # noqa: N802
        self.asked.set()
        await asyncio.to_thread(self.may.wait)
        return await super().handle_DATA(*args)


@pytest.fixture
def postbox():
    with open_postbox(Slow()) as box:
        yield box


@pytest.fixture
def servers(tmp_path, postbox):
    """A database with letters to send, and etc/production.ini for it."""
    running = Servers(tmp_path)
    database = open_database(uri_of(tmp_path / "var"), create=True)
    with database.transaction() as connection, clock.frozen(clock.now() - timedelta(minutes=5)):
        site = world.build(connection.root())
        for who in PEOPLE:
            site.directory.user(who).email = f"{who}@example.cn"
            item = world.article(site, by=who, title=who)
            advance(item, "submit", by=world.actor(site, who))
            advance(item, "return", by=world.actor(site, "reviewer"), comment="请补来源")
    database.close()
    told = ("jobs_seconds", "mail_host", "mail_port", "mail_sender", "base_url")
    lines = "".join(f"egov.{name} = {getattr(postbox.settings, name)}\n" for name in told)
    running.port = free_port()
    running.change(
        "production.ini",
        ("egov.search_dir", f"{lines}egov.search_dir"),
        ("6543", str(running.port)),
    )
    running.egov("evolve", config=CONFIG)
    yield running
    running.stop()


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_server_ends_in_order_in_the_middle_of_its_work(servers, postbox, tmp_path):
    child = servers.run(BIN / "pserve", CONFIG)
    servers.wait_for(servers.port, child)
    for _n in range(3):
        urlopen(
            Request(f"http://127.0.0.1:{servers.port}/finance", headers={"User-Agent": BROWSER})
        ).read()
    assert postbox.asked.wait(PATIENCE)

    child.send_signal(signal.SIGTERM)
    wait_for(lambda: "the process ends" in servers.logs())
    postbox.may.set()

    assert child.wait(PATIENCE) == 0
    assert "Traceback" not in servers.logs()
    assert "ERROR" not in servers.logs()
    assert len(postbox.letters) == 1  # that had been begun
    with closing(open_database(uri_of(tmp_path / "var"))) as database:
        assert database.storage._used_index
        with database.transaction() as connection:
            site = connection.root()["site"]
            assert readership_of(site).of_day(clock.today(), SEEN, site["finance"].uid) == 3
        for _n in range(2):
            run_jobs(database, postbox.settings, sender_for(postbox.settings))
    told = [
        to
        for recipients, subject, _text in postbox.letters
        if "被退回" in subject
        for to in recipients
    ]
    assert sorted(told) == [f"{who}@example.cn" for who in PEOPLE]


def test_threads_are_awaited_before_what_is_done_last_and_nothing_is_done_twice(caplog):
    background, done, begun = Background(), [], threading.Event()

    def work():
        begun.set()
        wait_for(background.is_ending)
        done.append("round")

    wake = background.repeat("slow", 3600, work)
    background.repeat("idle", 3600, lambda: done.append("never"))
    background.at_end(lambda: done.append("last"))
    background.at_end(lambda: done.append(1 / 0))
    background.at_end(lambda: done.append("first"))
    wake.set()
    assert begun.wait(PATIENCE)

    background.end()
    background.end()

    assert done == ["round", "first", "last"]
    assert "something could not be done at the end" in caplog.text


def test_a_round_that_fails_is_followed_by_another(caplog):
    background, rounds = Background(), []

    def work():
        rounds.append(len(rounds))
        raise ValueError("odd")

    background.repeat("odd", 0.01, work)
    wait_for(lambda: len(rounds) > 1)
    background.end()

    assert "odd failed; it is tried again" in caplog.text


def test_an_upgrade_stops_between_two_pieces(database, site, caplog, monkeypatch):
    background, pieces = Background(), []

    def evolving(_database, tell):
        for piece in range(9):
            pieces.append(piece)
            if piece == 1:
                background.end()
            tell(piece)
        yield

    monkeypatch.setattr("egov.web.evolving.evolve", evolving)

    _work(database, background)

    assert pieces == [0, 1]
    assert "goes on at the next start" in caplog.text


def test_what_is_due_is_left_for_later_when_the_process_ends(database, site):
    item = world.article(site)
    for step in ("submit", "approve"):
        advance(item, step, by=SYSTEM_ACTOR)
    site.catalog.agenda.set(item.uid, "publish", None, clock.now() - timedelta(minutes=1))
    transaction.commit()

    run_jobs(database, Settings(), is_ending=lambda: True)
    transaction.begin()
    assert len(list(site.catalog.agenda.due())) == 1

    run_jobs(database, Settings())
    transaction.begin()
    assert list(site.catalog.agenda.due()) == []
