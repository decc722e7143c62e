"""Audit records to take away: as a table, as lines of JSON, or signed; sent while they are read, however many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyramid.response import Response

from egov.base import clock
from egov.base.i18n import _
from egov.base.memory import spared
from egov.history.audit import Record
from egov.history.handover import SigningKey, as_lines, hand_over
from egov.manage.record.audit_search import OUTCOME_TITLES, Wanted, found_in, row_of
from egov.model.site import SiteGroup
from egov.operations.record import record_read
from egov.web.rendering import say_in
from egov.web.streaming import Sent, Streamed
from egov.web.tables import FORMATS, as_download, table_bytes

EXPORTS = (*FORMATS, "jsonl", "signed")
_HEADS = (
    _("时间"),
    _("姓名"),
    _("用户名"),
    _("地址"),
    _("操作"),
    _("结果"),
    _("对象"),
    _("路径"),
    _("对象编号"),
    _("说明"),
)
_CELLS = ("at", "name", "who", "address", "action", "outcome", "title", "path", "target", "reason")


class Exporting:
    """One export: what is asked for, in which form, by whom; counts what it gives."""

    def __init__(self, request: Any, wanted: Wanted, form: str) -> None:
        self.by, self.form = request.actor, form
        self.asked = wanted
        # What is written from now on, this export among it, is no part of it.
        until = min(filter(None, (wanted.until, clock.now())))
        self.wanted = wanted._replace(until=until)
        self.heads = [say_in(request, head) for head in _HEADS]
        self.outcomes = {name: say_in(request, title) for name, title in OUTCOME_TITLES.items()}
        self.count = 0

    def make(self, site: SiteGroup) -> Iterator[bytes]:
        """The bytes of it."""
        if self.form == "signed":
            return self._signed(site)
        if self.form == "jsonl":
            return as_lines(self._records(site))
        return table_bytes(self.form, self._rows(site))

    def note(self, site: SiteGroup, sent: Sent) -> None:
        """Write down what was sent: who gets the file can prove by its digest that it is the one."""
        action = "hand_over_audit" if self.form == "signed" else "export_audit"
        told = f"{self.count} records, SHA-256 {sent.digest}"
        if self.form == "signed":
            told += f", key {signing_key(site).fingerprint}"
        if not sent.is_whole:
            told = f"broken off after {self.count} records"
        outcome = "done" if sent.is_whole else "failed"
        site.audit.append(self.by, action, outcome=outcome, reason=told)

    def _records(self, site: SiteGroup) -> Iterator[Record]:
        found = filter(self.wanted.fits, spared(site._p_jar, found_in(site, self.wanted)))
        for record in found:
            self.count += 1
            yield record

    def _rows(self, site: SiteGroup) -> Iterator[list[str]]:
        yield self.heads
        for record in self._records(site):
            row = row_of(record) | {"action": record.action}  # a table is for machines, too
            row |= {"outcome": self.outcomes.get(record.outcome, record.outcome)}
            yield [str(row[cell] or "") for cell in _CELLS]

    def _signed(self, site: SiteGroup) -> Iterator[bytes]:
        about = {
            "site": site.title,
            "at": clock.now().isoformat(),
            "by": self.by.id,
            "asked": {k: str(v) for k, v in self.asked._asdict().items() if v},
        }
        return hand_over(signing_key(site), self._records(site), site.audit, about)


def export(site: SiteGroup, request: Any, wanted: Wanted, form: str) -> Response:
    """The answer with the records; that they are read is recorded at once, what was sent when it has been."""
    signing_key(site)  # made, if it never was, with this request
    exporting = Exporting(request, wanted, form)
    record_read(request.actor, f"audit log, {form}", site)
    kind = "zip" if form == "signed" else form
    body = Streamed(request, exporting.make, exporting.note)
    return as_download(body, f"audit-{clock.day(clock.now())}.{kind}")


def signing_key(site: SiteGroup) -> SigningKey:
    """The installation's key."""
    key: SigningKey = site.register("signing", SigningKey)
    return key
