"""Upgrade steps: each thing once, whatever happens; what an older egov has made is brought up to this one."""

import threading

import pytest
import transaction
from click.testing import CliRunner

from egov import main as serve
from egov.base.i18n import told
from egov.catalog.reads import published
from egov.cli import main
from egov.evolve import running
from egov.evolve.record import KEY, evolution_of
from egov.evolve.rehearsing import rehearse
from egov.evolve.running import BATCH, Stopped, evolve, mark_new, waiting
from egov.evolve.steps import STEPS, Step
from egov.model.btrees import SpreadTree, UidTree
from egov.operations.check import check
from egov.operations.workflow import advance
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR
from egov.storage.opening import open_database
from tests.soak import evolving
from tests.soak.trials import interrupted_evolve
from tests.soak.worker import uri_of
from tests.support import world

ALL = (*STEPS, evolving.STEP)


def quiet(_progress):
    pass


@pytest.fixture
def things(tmp_path):
    """An open database with 3,000 things that wait for a step."""
    evolving.make(tmp_path, 3000)
    database = open_database(uri_of(tmp_path) + "&connection_cache_size=1000")
    yield database
    database.close()


def values(database, key="changed"):
    with database.transaction() as connection:
        return [t.get(key) for t in evolving.things_of(connection.root()["site"]).values()]


def test_every_thing_is_changed_once_in_small_transactions_with_few_objects_in_memory(things):
    seen = []

    def tell(now):
        seen.append((now.things, round(now.part, 2), things.cacheSize()))

    done = evolve(things, tell, ALL)

    assert [(result.step, result.things) for result in done] == [(evolving.STEP, 3000)]
    assert [count for count, _part, _cached in seen[:3]] == [BATCH, 2 * BATCH, 3 * BATCH]
    assert seen[-1][:2] == (3000, 1.0)
    parts = [part for _count, part, _cached in seen]
    assert parts == sorted(parts)
    assert max(cached for _count, _part, cached in seen) <= 1000 + 3 * BATCH
    assert set(values(things)) == {1}
    assert evolve(things, quiet, ALL) == []


def test_a_step_that_is_killed_again_and_again_goes_on_where_it_was(tmp_path):
    assert interrupted_evolve(tmp_path, 3) == []


def test_two_at_once_change_nothing_twice(things):
    both = [threading.Thread(target=evolve, args=(things, quiet, ALL)) for _n in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()

    assert set(values(things)) == {1}


def test_a_step_goes_on_while_others_write_and_loses_nothing_of_theirs(things):
    def busy(_site, thing):
        if not wrote and thing.get("seen") is None:
            with (
                things.transaction() as connection
            ):  # an editor is faster with a thing of this batch
                first = next(iter(evolving.things_of(connection.root()["site"]).values()))
                first["theirs"] = True
            wrote.append(True)
        evolving.change(_site, thing)

    wrote = []
    step = Step(evolving.NUMBER, "a trial", busy, evolving.things_of)

    evolve(things, quiet, [*STEPS, step])

    assert set(values(things)) == {1}
    assert values(things, "theirs")[0] is True


def test_a_thing_that_cannot_be_changed_stops_the_step_and_what_was_done_stays(things):
    def fail(site, thing):
        if thing._p_oid == wrong:
            raise ValueError("odd")
        evolving.change(site, thing)

    with things.transaction() as connection:
        wrong = evolving.things_of(connection.root()["site"])[2_500_000]._p_oid
    broken = Step(evolving.NUMBER, "a trial", fail, evolving.things_of)

    with pytest.raises(Stopped) as stopped:
        evolve(things, quiet, [*STEPS, broken])

    assert "900 在 2500000 处停下：ValueError: odd" in told(stopped.value.message)

    assert values(things).count(1) == 2500 // BATCH * BATCH
    evolve(things, quiet, ALL)
    assert set(values(things)) == {1}


def test_a_rehearsal_does_everything_and_keeps_nothing(things):
    before = things.storage.lastTransaction()

    done = rehearse(things, quiet, ALL)

    assert [(result.step, result.things) for result in done] == [(evolving.STEP, 3000)]
    assert things.storage.lastTransaction() == before
    assert set(values(things)) == {None}


@pytest.fixture
def older(tmp_path, monkeypatch):
    """The URI of a database as an egov of an early version has left it."""
    folder = tmp_path / "var"
    folder.mkdir()
    database = open_database(uri_of(folder), create=True)
    with database.transaction() as connection:
        site = world.build(connection.root())
        item = world.article(site)
        for step in ("submit", "approve", "publish"):
            advance(item, step, by=SYSTEM_ACTOR)
        for name in ("passes", "releases", "tables", "notices", "resets", "guide"):
            delattr(site, name)
        del site.audit.begun
        del site.catalog.ruled, site.catalog.agenda, site.catalog.newest
        site.catalog.nodes = UidTree(dict(site.catalog.nodes.items()))
        del site.registers["signing"]
        del site.directory.units
        item.rows = {lane: item.rows[lane] for lane in ("work", "live")}
    database.close()
    config = tmp_path / "egov.ini"
    config.write_text(f"[app:main]\nuse = egg:egov\nzodbconn.uri = {uri_of(folder)}\n")
    monkeypatch.setenv("EGOV_CONFIG", str(config))
    return uri_of(folder)


def test_the_server_and_the_commands_do_not_start_before_the_steps_that_they_need(older):
    with pytest.raises(SystemExit, match="egov evolve"):
        serve({}, **{"zodbconn.uri": older})
    assert "egov evolve" in CliRunner().invoke(main, ["check"]).output


def test_the_command_brings_an_older_database_up_to_this_version(older):
    run = CliRunner().invoke
    assert "没有保存" in run(main, ["evolve", "--dry-run"]).output
    assert run(main, ["check"]).exit_code == 1

    assert run(main, ["evolve"]).exit_code == 0

    assert "没有要做的升级步骤" in run(main, ["evolve"]).output
    assert run(main, ["check"]).output == "没有发现问题。\n"
    database = open_database(older)
    with database.transaction() as connection:
        site = connection.root()["site"]
        assert list(check(site)) == []
        assert site.catalog.nodes.get(site.uid) is site  # nothing that was there was replaced
        assert isinstance(site.catalog.nodes, SpreadTree)
        assert not site.catalog.nodes._older
        assert len(published(site["finance"], ANONYMOUS, limit=9, deep=True).nodes) == 1
        steps = [r.reason[0] for r in site.audit.newest() if r.action == "evolve"]
        assert steps == list("87654321")
    database.close()


def test_the_only_process_does_the_other_steps_itself_while_it_serves(older, monkeypatch, caplog):
    CliRunner().invoke(main, ["evolve"])
    late = Step(
        901, "a late step", evolving.change, lambda site: site.registers.setdefault("t", {})
    )
    steps = (*STEPS, late)
    monkeypatch.setattr(running, "STEPS", steps)
    for function in (running.waiting, running.evolve):
        monkeypatch.setattr(function, "__defaults__", (*function.__defaults__[:-1], steps))

    application = serve({}, **{"zodbconn.uri": older, "egov.jobs_seconds": "0"})
    for thread in threading.enumerate():
        if thread.name == "evolve":
            thread.join()

    database = application.registry._zodb_databases[""]
    with database.transaction() as connection:
        assert running.waiting(connection.root()) == []
    assert "upgrade step 901 waits" in caplog.text
    application.registry.background.end()


def test_a_new_database_waits_for_nothing(tmp_path, monkeypatch):
    config = tmp_path / "egov.ini"
    config.write_text(f"[app:main]\nuse = egg:egov\nzodbconn.uri = {uri_of(tmp_path)}\n")
    monkeypatch.setenv("EGOV_CONFIG", str(config))
    CliRunner().invoke(main, ["init", "--password", world.PASSWORD])

    assert "没有要做的升级步骤" in CliRunner().invoke(main, ["evolve"]).output


def test_the_numbers_are_given_once(database):
    assert [step.number for step in STEPS] == list(range(1, len(STEPS) + 1))
    with database.transaction() as connection:
        root = connection.root()
        assert waiting(root) == []  # nothing to upgrade where there is no site yet
        mark_new(root)
        assert KEY in root
        assert all(evolution_of(root).is_done(step.number) for step in STEPS)
    transaction.abort()
