"""Audit records sent on: each at least once, each chain in its order, whatever stands in the way."""

import json
import socket

import pytest
import transaction
from transaction import TransactionManager

from egov.base.settings import Settings
from egov.history.audit import AuditLog
from egov.operations import forwarding
from egov.operations.forwarding import forward
from egov.operations.jobs import run_jobs
from egov.security.principals import SYSTEM_ACTOR


@pytest.fixture
def send(site, database):
    """Send on to a target, as a process does; returns how much went out."""

    def sent(target):
        manager = TransactionManager()
        connection = database.open(manager)
        try:
            return forward(connection.root()["site"], manager, Settings(audit_forward=str(target)))
        finally:
            manager.abort()
            connection.close()

    return sent


def happen(site, *reasons):
    for reason in reasons:
        site.audit.append(SYSTEM_ACTOR, "edit", reason=reason)
    transaction.commit()


def lines_of(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.endswith("}")]


def test_everything_goes_out_once_and_what_is_new_later(site, send, tmp_path, monkeypatch):
    monkeypatch.setattr(forwarding, "PIECE", 7)
    log = tmp_path / "audit.jsonl"
    before = site.audit.verify().records
    assert send(log) == before
    assert send(log) == 0

    happen(site, "甲", "乙")
    monkeypatch.setattr(AuditLog, "_strand", lambda self: self.strands[9])  # another connection
    happen(site, "丙")
    assert send(log) == 3

    found = lines_of(log)
    assert len(found) == before + 3
    assert [line["reason"] for line in found[-3:]] == ["甲", "乙", "丙"]
    for strand in {line["strand"] for line in found}:
        chain = [line for line in found if line["strand"] == strand]
        assert [line["before"] for line in chain[1:]] == [line["digest"] for line in chain[:-1]]


def test_what_cannot_be_sent_waits_and_nothing_is_passed_over(site, send, tmp_path, caplog):
    log = tmp_path / "not/yet/audit.jsonl"
    assert send(log) == 0
    assert "audit records are not sent on" in caplog.text

    log.parent.mkdir(parents=True)

    assert send(log) == site.audit.verify().records == len(lines_of(log))


def test_a_crash_after_sending_repeats_and_loses_nothing(site, send, tmp_path, monkeypatch):
    log = tmp_path / "audit.jsonl"
    send(log)
    happen(site, "甲")
    with monkeypatch.context() as patch:
        patch.setattr(TransactionManager, "commit", lambda _self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send(log)
    with log.open("ab") as file:
        file.write(b'{"half of a li')
    happen(site, "乙")

    assert send(log) == 2

    assert [line["reason"] for line in lines_of(log)[-3:]] == ["甲", "甲", "乙"]


def test_the_machines_own_log_gets_one_message_a_record(site, send, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(tmp_path / "log"))
        journal.settimeout(5)
        journal.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        send(tmp_path / "rest")  # the socket of a test holds only a few
        happen(site, "甲\n乙")
        assert send(f"unix:{tmp_path}/log") == 1
        told = journal.recv(1 << 16)

    assert told.startswith(b"<110>egov-audit: {")
    assert b"\n" not in told
    assert json.loads(told.partition(b": ")[2])["reason"] == "甲\n乙"


def test_the_regular_work_does_it(site, database, tmp_path):
    run_jobs(database, Settings(audit_forward=str(tmp_path / "audit.jsonl")))

    transaction.begin()
    assert len(lines_of(tmp_path / "audit.jsonl")) == site.audit.verify().records
