"""Regular work that is killed: what is due is done once, no letter is sent twice, what was open is swept in the end."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from egov.base import clock
from egov.base.settings import Settings
from egov.operations.check import check
from egov.operations.jobs import run_jobs
from egov.operations.presence import look_in, presence_of
from egov.operations.schedule import schedule
from egov.operations.setup import ROOT_KEY
from egov.operations.workflow import advance
from egov.storage.opening import open_database
from egov.web.mail import sender_for
from tests.soak.worker import uri_of
from tests.support import world
from tests.support.postbox import Postbox, open_postbox

BEGIN = datetime(
    2026, 11, 21, 16, tzinfo=UTC
)  # a Sunday begins at the office: nobody gets a digest
TURN = timedelta(minutes=3)  # notices wait two minutes for more
WRITERS = ("author", "editor")
PUBLISHED = 2  # in each turn
ROUNDS = 3
PATIENCE = 60.0


def _make(home: Path) -> None:
    database = open_database(uri_of(home), create=True)
    with database.transaction() as connection, clock.frozen(BEGIN):
        site = world.build(connection.root())
        for who in WRITERS:
            site.directory.user(who).email = f"{who}@example.cn"
    database.close()


def _prepare(home: Path, turn: int) -> None:
    """Something to publish, something to tell each writer, and open windows."""
    database = open_database(uri_of(home))
    with database.transaction() as connection, clock.frozen(at := BEGIN + turn * TURN):
        site = connection.root()[ROOT_KEY]
        for number in range(PUBLISHED):
            item = world.article(site, title=f"到期{turn}之{number}号")
            advance(item, "submit", by=world.actor(site, "author"))
            advance(item, "approve", by=world.actor(site, "reviewer"))
            schedule(item, at + timedelta(minutes=1), None, by=world.actor(site, "publisher"))
        for who in WRITERS:
            item = world.article(site, by=who, title=_title(turn, who))
            advance(item, "submit", by=world.actor(site, who))
            advance(item, "return", by=world.actor(site, "reviewer"), comment="请补来源")
            look_in(item, f"window{turn}", by=world.actor(site, who), writes=True)
    database.close()


def _title(turn: int, who: str) -> str:
    return f"退回{turn}之{who}稿"


def _work(home: Path, box: Postbox, at: datetime, rounds: int) -> None:
    settings = Settings(
        mail_host="127.0.0.1", mail_port=box.port, mail_sender="egov@example.cn", base_url="https://www.example.cn",
    )  # fmt: skip
    database = open_database(uri_of(home))
    with clock.frozen(at):
        for _round in range(rounds):
            run_jobs(database, settings, sender_for(settings))
    database.close()


def trial(
    folder: Path, times: int, kill_while: Callable[[Callable[[], object], float], bool]
) -> list[str]:
    """Kill regular work again and again; a letter goes out at most once, and a kill loses one at most."""
    home, chance, kills = folder / "var", random.Random(9), 0
    home.mkdir()
    _make(home)
    with open_postbox() as box:
        for turn in range(times):
            _prepare(home, turn)
            at = BEGIN + (turn + 1) * TURN
            kills += kill_while(
                lambda at=at: _work(home, box, at, ROUNDS), chance.uniform(0.02, 0.6)
            )
        _work(home, box, BEGIN + (times + 1) * TURN, 1)
        _work(home, box, BEGIN + times * TURN + timedelta(hours=2), 1)
        sent = Counter(
            (to, line)
            for recipients, _subject, text in box.letters
            for to in recipients
            for line in text.splitlines()
            if "退回" in line
        )
    titles = {f"{who}@example.cn": [_title(turn, who) for turn in range(times)] for who in WRITERS}
    told = Counter(
        (to, title)
        for (to, line), n in sent.items()
        for title in titles[to]
        if title in line
        for _n in range(n)
    )
    # A letter may tell of several turns: those that follow each other were lost with one.
    lost = sum(
        not is_told
        for to, known in titles.items()
        for is_told, _run in groupby(known, lambda title, to=to: (to, title) in told)
    )
    wrong = [f"{title} was told {n} times to {to}" for (to, title), n in told.items() if n > 1]
    if lost > kills:
        wrong.append(f"{lost} letters lost by {kills} kills")
    print(f"{kills} kills, {len(box.letters)} letters, {lost} letters lost")
    return wrong + _left(home)


def _left(home: Path) -> list[str]:
    """What is not as it must be when all is done."""
    database = open_database(uri_of(home))
    with database.transaction() as connection:
        site = connection.root()[ROOT_KEY]
        wrong = [finding.what for finding in check(site)]
        news = site["finance"]["news"]
        for item in (news[name] for name in news):
            steps = Counter(entry.action for entry in item.log.values())
            if item.title.startswith("到期") and (item.live is None or steps["publish"] != 1):
                wrong.append(f"{item.title}: {dict(steps)}")
        wrong += [f"still due: {due}" for due in site.catalog.agenda.due()]
        wrong += [f"still open: {key}" for key in presence_of(site)._signs]
    database.close()
    return wrong
