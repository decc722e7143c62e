"""Regular work of several processes at once on one database server: each thing is done once, no letter twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import ZEO

from egov.base import clock
from egov.base.settings import Settings
from egov.operations.check import check
from egov.operations.jobs import run_jobs
from egov.operations.schedule import schedule
from egov.operations.setup import ROOT_KEY
from egov.operations.workflow import advance
from egov.storage.opening import open_database
from egov.web.mail import sender_for
from tests.support import world
from tests.support.postbox import open_postbox

BEGIN = datetime(2026, 11, 21, 16, tzinfo=UTC)  # a Sunday begins at the office
TURNS, DUE = 3, 4
WRITERS = ("author", "editor")


@pytest.fixture
def processes():
    """Three clients of one server, each with a database as a process has it, and with a thread."""
    address, stop = ZEO.server()
    uri = "zeo://{}:{}".format(*address)
    with ExitStack() as opened:
        opened.callback(stop)
        clients = []
        for number in range(3):
            clients.append(open_database(uri, create=number == 0))
            opened.callback(clients[-1].close)
            if not number:
                with clients[0].transaction() as connection, clock.frozen(BEGIN):
                    site = world.build(connection.root())
                    for who in WRITERS:
                        site.directory.user(who).email = f"{who}@example.cn"
        yield clients, opened.enter_context(ThreadPoolExecutor(3))


def prepare(database, turn):
    """Some things to publish, and something to tell each writer."""
    with database.transaction() as connection:
        site = connection.root()[ROOT_KEY]
        for number in range(DUE):
            item = world.article(site, title=f"到期{turn}之{number}")
            advance(item, "submit", by=world.actor(site, "author"))
            advance(item, "approve", by=world.actor(site, "reviewer"))
            at = clock.now() + timedelta(minutes=1)
            schedule(item, at, None, by=world.actor(site, "publisher"))
        for who in WRITERS:
            item = world.article(site, by=who, title=f"退回{turn}之{who}稿")
            advance(item, "submit", by=world.actor(site, who))
            advance(item, "return", by=world.actor(site, "reviewer"), comment="请补来源")


def test_each_thing_is_done_once(processes):
    clients, threads = processes
    together = Barrier(len(clients))
    with open_postbox() as box:
        settings = Settings(
            mail_host="127.0.0.1", mail_port=box.port, mail_sender="egov@example.cn",
            base_url="https://www.example.cn",
        )  # fmt: skip

        def work(database):
            together.wait()
            return run_jobs(database, settings, sender_for(settings))

        for turn in range(TURNS):
            with clock.frozen(BEGIN + turn * timedelta(minutes=5)):
                prepare(clients[turn], turn)
            with clock.frozen(BEGIN + turn * timedelta(minutes=5) + timedelta(minutes=3)):
                done = list(threads.map(work, clients))
            assert sum(done) >= DUE
        letters = [(to, text) for to, _subject, text in box.letters]

    for turn in range(TURNS):
        for who in WRITERS:
            told = [to for to, text in letters if f"退回{turn}之{who}稿" in text]
            assert told == [[f"{who}@example.cn"]]
        # A process that is done with its letters tells nobody of what another publishes just then; that one does.
        for number in range(DUE):
            assert sum(f"到期{turn}之{number}" in text for _to, text in letters) == 1
    assert all("退回" in text or "到期" in text for _to, text in letters)
    with clients[0].transaction() as connection:
        site = connection.root()[ROOT_KEY]
        assert list(check(site)) == []
        assert list(site.catalog.agenda.due()) == []
        section = site["finance"]["news"]
        news = [section[name] for name in section]
        news = [item for item in news if item.title.startswith("到期")]
        steps = [Counter(entry.action for entry in item.log.values())["publish"] for item in news]
        assert steps == [1] * (TURNS * DUE)
