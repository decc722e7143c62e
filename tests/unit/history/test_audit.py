"""The audit log: every change of what was written is found, and told where."""

import hashlib
import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest
import transaction
from ZODB.POSException import ConflictError

from egov.base import clock
from egov.base.errors import Forbidden, Invalid
from egov.history import audit
from egov.history.audit import HASHES, OUTCOMES, AuditLog, Record, computed_from
from egov.operations.record import set_audit_hash
from egov.security.principals import SYSTEM_ACTOR, Actor
from tests.support.world import actor

START = datetime(2026, 5, 1, tzinfo=UTC)
ZHANG = Actor("zhang", "张三", frozenset(), address="127.0.0.1")
OTHER_VALUES = {
    "at": START - timedelta(days=1), "actor": "li", "actor_name": "李四", "address": "::1",
    "action": "view", "outcome": "perhaps", "target": 7, "title": "别的", "path": "/b",
    "reason": "别的", "before": "0" * 64, "digest": "0" * 64,
}  # fmt: skip


def written(count=5, log=None):
    """A log with one strand of records."""
    log = log or AuditLog()
    for number in range(count):
        with clock.frozen(START + timedelta(seconds=number)):
            record = log.append(ZHANG, "edit", outcome=OUTCOMES[number % 3], reason=f"第{number}次")
            record.path = ""
    return log


def faults(log):
    return [(f.strand, f.position, f.what) for f in log.verify().faults]


@pytest.fixture
def log():
    return written()


@pytest.fixture
def records(log):
    return list(log.strands[1].records.values())


def test_what_was_written_is_sound_and_read_newest_first(log, site):
    report = log.verify()
    assert (report.records, report.strands, report.is_sound) == (5, audit.MOST_STRANDS, True)
    assert [r.reason for r in log.newest()] == [f"第{n}次" for n in (4, 3, 2, 1, 0)]

    record = log.append(ZHANG, "edit", site["finance"], reason="原因")
    assert (record.target, record.title, record.path) == (
        site["finance"].uid, "市财政局", "/finance",
    )  # fmt: skip
    assert (record.actor, record.actor_name, record.address) == ("zhang", "张三", "127.0.0.1")
    assert log.verify().is_sound


def test_an_empty_log_is_sound():
    assert AuditLog().verify() == (0, 0, ())
    assert list(AuditLog().newest()) == []


def test_every_field_of_a_record_is_in_the_chain(records):
    assert set(records[0].facts()) | {"digest"} == set(OTHER_VALUES)
    assert {name for name in vars(records[0]) if not name.startswith("_")} <= set(OTHER_VALUES)


@pytest.mark.parametrize("field", OTHER_VALUES)
@pytest.mark.parametrize("position", [1, 3, 5])
def test_a_changed_field_is_found_at_its_record(field, position, log, records):
    setattr(records[position - 1], field, OTHER_VALUES[field])

    assert (1, position, "record changed") in faults(log)
    assert {p for _s, p, _w in faults(log)} <= {position, position + 1}


@pytest.mark.parametrize("position", [1, 3, 5])
def test_a_removed_record_is_missed_where_it_stood(position, log):
    tree = log.strands[1].records
    del tree[list(tree.keys())[position - 1]]

    what = {1: "chain broken before this record", 3: "chain broken before this record"}
    expected = (1, position, what.get(position, "records missing at the end"))
    assert faults(log)[0] == expected


def test_records_in_another_order_are_found(log):
    tree = log.strands[1].records
    keys = list(tree.keys())
    tree[keys[1]], tree[keys[2]] = tree[keys[2]], tree[keys[1]]

    assert faults(log)[0] == (1, 2, "chain broken before this record")


def test_a_record_put_in_between_is_found(log, records):
    tree = log.strands[1].records
    forged = AuditLog().append(ZHANG, "approve")
    forged.before = records[1].digest
    forged.digest = computed_from(forged.facts())
    tree[list(tree.keys())[1] + 1] = forged

    assert faults(log)[0] == (1, 4, "chain broken before this record")


def test_a_changed_record_with_its_digest_made_anew_breaks_the_next_link(log, records):
    records[2].actor = "li"
    records[2].digest = computed_from(records[2].facts())

    assert faults(log) == [(1, 4, "chain broken before this record")]


def test_a_changed_last_record_with_its_digest_made_anew_does_not_fit_the_head(log, records):
    records[4].actor = "li"
    records[4].digest = computed_from(records[4].facts())

    assert faults(log) == [(1, 6, "records missing at the end")]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_strand_that_is_gone_is_missed_even_the_last(number, database, site):
    transaction.commit()
    for _connection in range(3):
        other = database.open(transaction.TransactionManager())
        written(2, other.root()["site"].audit)
        other.transaction_manager.commit()
        other.close()
        database.pool.clear()
    transaction.begin()
    log = site.audit
    present = len(log.strands)

    del log.strands[number]

    assert faults(log) == [(number, 0, "strand missing")]
    assert log.verify().strands == present - 1


@pytest.fixture
def two(database, site, monkeypatch):
    """Two connections, as of two processes, each with a strand of its own."""
    picks = itertools.count(1)
    monkeypatch.setattr(audit, "randbelow", lambda _count: next(picks))
    transaction.commit()
    connections = [database.open(transaction.TransactionManager()) for _ in range(2)]
    for connection in connections:
        connection.transaction_manager.begin()
        connection.root()["site"].audit.append(SYSTEM_ACTOR, "warm-up")
        connection.transaction_manager.commit()
    yield connections
    for connection in connections:
        connection.transaction_manager.abort()
        connection.close()


def test_people_who_work_at_the_same_time_do_not_collide_and_keep_their_strands(two, site):
    for turn in range(4):
        for connection in two:
            connection.transaction_manager.begin()
        for number, connection in enumerate(two):
            connection.root()["site"].audit.append(ZHANG, f"step-{turn}-{number}")
        for connection in two:
            connection.transaction_manager.commit()

    transaction.begin()
    actions = [r.action for r in site.audit.newest()]
    assert sorted(actions[:2]) == ["step-3-0", "step-3-1"]
    assert len([a for a in actions if a.startswith("step")]) == 8
    assert (len(site.audit.strands), site.audit.verify().faults) == (audit.MOST_STRANDS, ())


def test_who_meets_another_in_a_strand_leaves_it(database, site, monkeypatch):
    picks = iter([7, 7, 8])
    monkeypatch.setattr(audit, "randbelow", lambda _count: next(picks))
    transaction.commit()
    connections = [database.open(transaction.TransactionManager()) for _ in range(2)]
    for connection in connections:
        connection.transaction_manager.begin()
        connection.root()["site"].audit.append(ZHANG, "first")
    connections[0].transaction_manager.commit()
    with pytest.raises(ConflictError):  # both had picked the same one
        connections[1].transaction_manager.commit()
    for connection in connections:
        connection.transaction_manager.begin()
        connection.root()["site"].audit.append(ZHANG, "second")
    for connection in connections:
        connection.transaction_manager.commit()  # and now each has its own
        connection.close()

    transaction.begin()
    assert (len(site.audit.strands), site.audit.verify().faults) == (audit.MOST_STRANDS, ())


def test_starting_again_makes_no_more_strands(database, site):
    transaction.commit()
    for number in range(8):  # processes that are started one after the other
        connection = database.open(transaction.TransactionManager())
        connection.cacheMinimize()
        connection.transaction_manager.begin()
        connection.root()["site"].audit.append(ZHANG, f"start-{number}")
        connection.transaction_manager.commit()
        connection.close()

    transaction.begin()
    assert (len(site.audit.strands), site.audit.verify().faults) == (audit.MOST_STRANDS, ())
    assert next(site.audit.newest()).action == "start-7"


def test_a_record_at_an_earlier_time_keeps_the_order_of_writing():
    log = written()
    with clock.frozen(START - timedelta(days=100)):
        log.append(ZHANG, "publish", reason="旧文件")

    assert next(log.newest()).reason == "旧文件"
    assert log.verify().is_sound


def test_records_are_stored_without_the_names_of_their_parts_and_read_as_they_were_before():
    record = AuditLog().append(SYSTEM_ACTOR, "publish", reason="试")
    facts, digest = record.facts(), record.digest
    named, bare = {**facts, "at": record.at, "digest": digest}, record.__getstate__()
    old, new = Record.__new__(Record), Record.__new__(Record)
    old.__setstate__({key: value for key, value in named.items() if key != "path"})
    new.__setstate__(bare)

    assert isinstance(bare, tuple)
    assert old.facts() == new.facts() == facts
    assert old.digest == digest
    assert old.is_as_written()
    assert new.is_as_written()


def test_the_hash_can_be_changed_and_each_record_is_verified_by_its_own(log):
    before = next(log.newest()).digest
    for chosen in HASHES:
        log.hash = chosen
        log.append(ZHANG, "edit", reason=chosen)

    newest = [record for record, _chosen in zip(log.newest(), HASHES, strict=False)][::-1]
    assert ":" not in before
    assert [r.digest.rpartition(":")[0] for r in newest] == ["", *HASHES[1:]]
    assert log.verify().is_sound
    newest[-1].reason = "改过"
    assert [what for _strand, _position, what in faults(log)] == ["record changed"]


@pytest.mark.parametrize("named", ["md5", "none", ""])
def test_a_digest_by_no_hash_of_ours_is_a_changed_record(log, records, named):
    facts = json.dumps(records[4].facts(), sort_keys=True, ensure_ascii=False).encode()
    log.strands[1].head = records[4].digest = f"{named}:{hashlib.md5(facts).hexdigest()}"

    assert faults(log) == [(1, 5, "record changed")]


def test_who_may_change_the_hash_and_to_what(site):
    with pytest.raises(Forbidden):
        set_audit_hash(site, "sm3", by=actor(site, "system-admin"))
    with pytest.raises(Invalid, match="校验算法"):
        set_audit_hash(site, "md5", by=actor(site, "audit-admin"))
    assert site.audit.hash == "sha256"

    set_audit_hash(site, "sm3", by=actor(site, "audit-admin"))

    record = next(site.audit.newest())
    assert (record.action, record.reason) == ("audit_hash", "sm3")
    assert record.digest.startswith("sm3:")
