"""Audit records taken away: sent while they are read, in bounded memory, from one moment, and all of it on record."""

import csv
import hashlib
import io
import json
import zipfile

import pytest
import transaction
from openpyxl import load_workbook

from egov.extract import sheet_rows
from egov.history.handover import check_handover
from egov.manage.record import audit_export
from egov.security.principals import SYSTEM_ACTOR
from egov.web import workbook

MANY, CACHED, LOADED = 2_400, 300, 1_200
FORMS = ("csv", "xlsx", "jsonl", "signed")


@pytest.fixture
def auditor(database, site, sign_in):
    """The auditor's browser, before a log with many records, more than a connection keeps in memory."""
    for number in range(MANY):
        site.audit.append(SYSTEM_ACTOR, "edit", reason=f"第 {number} 次")
    transaction.commit()
    browser = sign_in("audit-admin")
    database.setCacheSize(CACHED)
    transaction.abort()
    site._p_jar.cacheMinimize()
    return browser


def free(wsgi):
    return len(wsgi.registry.connections._free)


def asked(browser, form, more="&what=edit"):
    """An export as the server sends it: the body has not begun."""
    request = browser.RequestClass.blank(f"/manage/@@audit?format={form}{more}")
    request.headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in browser.cookies.items())
    said = []
    body = browser.app(request.environ, lambda status, headers: said.append((status, headers)))
    assert said[0][0].startswith("200"), said
    return body


def newest(site):
    transaction.begin()
    return next(site.audit.newest())


def count_in(form, content):
    if form == "csv":
        return len(list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))) - 1
    if form == "xlsx":
        return len(sheet_rows(content)) - 1
    if form == "signed":
        return check_handover(io.BytesIO(content)).manifest["records"]
    return len([json.loads(line) for line in content.splitlines()])


@pytest.mark.parametrize("form", FORMS)
def test_all_records_go_out_with_no_more_loaded_than_a_few(
    auditor, database, site, form, monkeypatch
):
    seen, before = [], []
    found_in = audit_export.found_in

    def watched(*asked):
        for number, record in enumerate(found_in(*asked)):
            if number % 400 == 0:
                seen.append(max(cache["ngsize"] for cache in database.cacheDetailSize()))
                before.append(sum(sent))
            yield record

    monkeypatch.setattr(audit_export, "found_in", watched)
    pieces, sent = [], []
    for piece in asked(auditor, form):
        pieces.append(piece)
        sent.append(len(piece))
    content = b"".join(pieces)

    assert count_in(form, content) == MANY
    assert len(seen) >= MANY // 400
    assert max(seen) < LOADED
    # Nothing is held until the end; what has a head sends it before the first record is read.
    assert before[0] > 0 or form == "jsonl"
    assert before[-1] > before[0]
    record = newest(site)
    assert (record.action, record.outcome) == (
        "hand_over_audit" if form == "signed" else "export_audit",
        "done",
    )
    digest = hashlib.sha256(content).hexdigest()
    assert f"{MANY} records, SHA-256 {digest}" in record.reason


def test_that_it_was_read_is_on_record_before_a_byte_is_sent(auditor, site):
    body = asked(auditor, "csv")

    record = newest(site)
    assert (record.action, record.actor) == ("read_personal", "audit-admin")
    assert record.reason == "audit log, csv"
    body.close()
    assert newest(site).action == "read_personal"  # nothing was sent


@pytest.mark.parametrize("form", FORMS)
def test_a_reader_who_goes_away_leaves_nothing_open(auditor, database, site, wsgi, form):
    before, opened = free(wsgi), len(database.pool.all)
    body = asked(auditor, form)
    assert next(iter(body))
    assert free(wsgi) == before - 1

    body.close()

    assert free(wsgi) == before
    assert len(database.pool.all) <= opened + 1  # the one that writes down
    record = newest(site)
    assert record.outcome == "failed"
    assert "broken off" in record.reason


def test_it_shows_the_log_as_it_was_when_it_was_asked_for(auditor, site):
    body = iter(asked(auditor, "jsonl", ""))
    first = next(body)
    transaction.begin()  # it has not seen what the auditor's signing in wrote
    for number in range(500):
        site.audit.append(SYSTEM_ACTOR, "edit", reason=f"später {number}")
    transaction.commit()

    lines = [json.loads(line) for line in [first, *body]]

    assert not [line for line in lines if line["reason"].startswith("später")]
    assert "audit log, jsonl" not in {line["reason"] for line in lines}


def test_what_it_loads_is_counted_and_not_told_of_the_next_request(auditor, wsgi):
    before = wsgi.registry.metrics.loads._value.get()

    assert b"".join(asked(auditor, "csv"))

    assert wsgi.registry.metrics.loads._value.get() > before + MANY
    assert [lease.loads() for lease in wsgi.registry.connections._free] == [0]


def test_a_signed_export_is_whole_and_names_its_key(auditor, site):
    content = b"".join(asked(auditor, "signed"))

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        manifest = json.loads(packed.read("manifest.json"))
        chains = [json.loads(line) for line in packed.read("chains.jsonl").splitlines()]
    assert manifest["key"] in newest(site).reason
    assert sum(chain["records"] for chain in chains) > MANY
    assert not [chain for chain in chains if chain["faults"]]


def test_more_rows_than_a_sheet_holds_go_on_in_another(auditor, monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS", 1_000)

    content = b"".join(asked(auditor, "xlsx"))

    book = load_workbook(io.BytesIO(content), read_only=True)
    assert book.sheetnames == ["1", "2", "3"]
    rows = [list(sheet.iter_rows(values_only=True)) for sheet in book]
    assert [len(found) for found in rows] == [1_001, 1_001, MANY - 2_000 + 1]
    assert rows[0][0] == rows[1][0] == rows[2][0]
    assert len({found[-1] for sheet in rows for found in sheet[1:]}) == MANY


def test_an_error_in_the_middle_breaks_off_and_is_on_record(auditor, site, wsgi, monkeypatch):
    before, left = free(wsgi), iter(range(100, -1, -1))
    monkeypatch.setattr(
        "egov.manage.record.audit_search.Wanted.fits", lambda *_asked: 1 / next(left)
    )
    body = iter(asked(auditor, "jsonl"))
    next(body)

    with pytest.raises(ZeroDivisionError):
        list(body)

    monkeypatch.undo()
    assert free(wsgi) == before
    assert newest(site).outcome == "failed"
