"""The auditor's page: find records, follow a person or an object, verify the chain, take a copy away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, time
from itertools import islice
from typing import Any, NamedTuple

from pyramid.response import Response
from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.history.actions import ACTIONS, OTHER_ACTIONS, title_of_action
from egov.history.audit import OUTCOMES, Record
from egov.history.handover import SigningKey, as_lines, hand_over
from egov.manage.frame import done, page, say
from egov.model.node import path_of
from egov.model.site import SiteGroup
from egov.operations.ownership import owned_by
from egov.operations.record import record_site
from egov.web.tables import FORMATS, table_response

SHOWN = 100
LOOKED_AT = 3_000  # records that one page may load; the next page goes on from there
EXPORTED = 100_000

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
_ALL_ACTIONS = ACTIONS | OTHER_ACTIONS
_OUTCOMES = dict(zip(OUTCOMES, (_("完成"), _("被拒绝"), _("失败")), strict=True))


class Wanted(NamedTuple):
    """What the auditor looks for; empty means anything."""

    who: str
    what: str
    where: str
    outcome: str
    since: datetime | None
    until: datetime | None
    unit: str = ""
    people: frozenset[str] | None = None  # of the unit
    places: tuple[str, ...] = ()  # paths of what the unit answers for

    def fits(self, record: Record) -> bool:
        """Whether a record is one of them."""
        if self.people is not None and not self._is_of_unit(record):
            return False
        return (
            (not self.who or self.who in (record.actor, record.actor_name, record.address))
            and (not self.what or record.action == self.what)
            and (not self.outcome or record.outcome == self.outcome)
            and (not self.where or self._is_there(record))
        )

    def _is_of_unit(self, record: Record) -> bool:
        """By somebody of the unit, or on something that it answers for."""
        return record.actor in (self.people or ()) or any(
            _is_below(record.path, place) for place in self.places
        )

    def _is_there(self, record: Record) -> bool:
        if uid := as_number(self.where):
            return record.target == uid
        return _is_below(record.path, self.where)


def _is_below(path: str, place: str) -> bool:
    return bool(path) and (path == place or path.startswith(place.rstrip("/") + "/"))


@view_config(route_name="manage", context=SiteGroup, name="audit", permission=Permission.AUDIT,
             request_method="GET", renderer="templates/audit.pt")  # fmt: skip
def audit(context: SiteGroup, request: Any) -> Any:
    """The newest records that fit the question, a hundred to a page; or all of them as a table or as lines of JSON."""
    asked = request.GET
    wanted = _wanted(asked, context)
    if asked.get("format") in (*FORMATS, "jsonl", "signed"):
        return _export(context, request, wanted, asked["format"])
    shown, more = _page_of(_since(context, wanted), wanted)
    kept = {
        k: asked.get(k, "").strip()
        for k in ("who", "what", "where", "outcome", "since", "until", "unit")
    }
    return page(request, context, _("审计日志")) | {
        **kept,
        "units": [(u.id, u.title) for u in context.directory.units.values()],
        "fingerprint": signing_key(context).fingerprint,
        "rows": [_row(record) for record in shown],
        "outcomes": [(name, title, name == wanted.outcome) for name, title in _OUTCOMES.items()],
        "actions": [(name, title, name == wanted.what) for name, title in _ALL_ACTIONS.items()],
        "before": clock.micros(more.at) if more is not None else None,
    }


def _page_of(records: Iterator[Record], wanted: Wanted) -> tuple[list[Record], Record | None]:
    """A page of what fits, and the record at which the next one goes on; None where the log ends."""
    shown: list[Record] = []
    for number, record in enumerate(records):
        if number == LOOKED_AT or (len(shown) == SHOWN and wanted.fits(record)):
            return shown, record
        if wanted.fits(record):
            shown.append(record)
    return shown, None


def _wanted(asked: Any, site: SiteGroup) -> Wanted:
    since, until = (
        _moment(asked.get("since", ""), time.min),
        _moment(asked.get("until", ""), time.max),
    )
    if before := as_number(asked.get("before"), 17):
        until = clock.from_micros(before)
    who, what, where, outcome = (
        asked.get(key, "").strip()[:200] for key in ("who", "what", "where", "outcome")
    )
    unit = asked.get("unit", "").strip()[:200]
    people = _people_of(site, unit) if unit else None
    places = tuple(path_of(place) for place in owned_by(site, unit)) if unit else ()
    return Wanted(who, what, where, outcome, since, until, unit, people, places)


def _people_of(site: SiteGroup, unit: str) -> frozenset[str]:
    """Who has a post in the unit or in one below it."""
    directory = site.directory
    return frozenset(
        user.id
        for user in directory.users.values()
        for post in user.posts
        if unit in (above.id for above in directory.units_above(post.unit))
    )


def _moment(raw: str, at: time) -> datetime | None:
    try:
        return datetime.combine(datetime.fromisoformat(raw).date(), at, clock.OFFICE_ZONE)
    except ValueError:
        return None


def _since(site: SiteGroup, wanted: Wanted) -> Iterator[Record]:
    for record in site.audit.newest(wanted.until):
        if wanted.since is not None and record.at < wanted.since:
            return
        yield record


def _row(record: Record) -> dict[str, Any]:
    return {
        "at": clock.local(record.at).isoformat(" ", "seconds")[:19],
        "name": record.actor_name,
        "who": record.actor,
        "address": record.address,
        "action": title_of_action(record.action),
        "outcome": _OUTCOMES.get(record.outcome, record.outcome),
        "is_bad": record.outcome != "done",
        "title": record.title,
        "path": record.path,
        "target": record.target,
        "reason": record.reason,
    }


def _export(site: SiteGroup, request: Any, wanted: Wanted, form: str) -> Response:
    records = list(islice((r for r in _since(site, wanted) if wanted.fits(r)), EXPORTED))
    name = f"audit-{clock.day(clock.now())}"
    if form == "signed":
        return _hand_over(site, request, wanted, records, name)
    if form in FORMATS:
        response = table_response(request, name, _HEADS, map(_line, records))
    else:
        response = Response(as_lines(records), content_type="application/x-ndjson", charset="utf-8")
        response.content_disposition = f'attachment; filename="{name}.jsonl"'
    # The digest stands in the log itself: who gets the file can prove that it is the one that was handed over.
    digest = hashlib.sha256(response.body).hexdigest()
    told = f"{len(records)} records, SHA-256 {digest}"
    record_site(request.actor, "export_audit", site, reason=told)
    response.headers["X-Content-SHA256"] = digest
    return response


def _line(record: Record) -> list[Message]:
    r = _row(record) | {"action": record.action}  # a table is for machines, too
    keys = ("at", "name", "who", "address", "action", "outcome", "title", "path")
    return [*(r[key] for key in keys), str(r["target"] or ""), r["reason"]]


def _hand_over(
    site: SiteGroup, request: Any, wanted: Wanted, records: list[Record], name: str
) -> Response:
    key = signing_key(site)
    report = site.audit.verify()
    about = {
        "site": site.title,
        "at": clock.now().isoformat(),
        "by": request.actor.id,
        "asked": {k: str(v) for k, v in wanted._asdict().items() if v},
        "chain": {"records": report.records, "faults": len(report.faults)},
    }
    content = hand_over(key, records, about)
    told = f"{len(records)} records, key {key.fingerprint}"
    record_site(request.actor, "hand_over_audit", site, reason=told)
    response = Response(content, content_type="application/zip")
    response.content_disposition = f'attachment; filename="{name}.zip"'
    return response


def signing_key(site: SiteGroup) -> SigningKey:
    """The installation's key."""
    key: SigningKey = site.register("signing", SigningKey)
    return key


@view_config(route_name="manage", context=SiteGroup, name="audit", permission=Permission.AUDIT,
             request_method="POST")  # fmt: skip
def verify_audit(context: SiteGroup, request: Any) -> Any:
    """Walk every chain and say which records are not as they were written."""
    report = context.audit.verify()
    counts = {
        "records": f"{report.records:,}",
        "strands": report.strands,
        "faults": len(report.faults),
    }
    record_site(
        request.actor,
        "verify_audit",
        context,
        reason=f"{report.records} records, {len(report.faults)} faults",
    )
    for fault in report.faults[:20]:
        names = {"strand": fault.strand, "position": fault.position, "what": fault.what}
        say(request, _("第 ${strand} 条链第 ${position} 条记录：${what}", mapping=names), "danger")
    if report.is_sound:
        return done(
            request,
            context,
            _("已核对 ${records} 条记录（${strands} 条链），全部完好。", mapping=counts),
            "audit",
        )
    faults = _(
        "已核对 ${records} 条记录（${strands} 条链），发现 ${faults} 处异常。", mapping=counts
    )
    return done(request, context, faults, "audit", "danger")
