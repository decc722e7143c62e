"""The auditor's page: find records, follow a person or an object, verify the chain, take a copy away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.history.actions import ACTIONS, OTHER_ACTIONS
from egov.history.audit import Record
from egov.manage.frame import done, page, say
from egov.manage.record.audit_export import EXPORTS, export, signing_key
from egov.manage.record.audit_search import OUTCOME_TITLES, Wanted, found_in, row_of, wanted_by
from egov.manage.record.told import remark_told
from egov.model.site import SiteGroup
from egov.operations.record import record_site
from egov.security.principals import Directory

SHOWN = 100
LOOKED_AT = 3_000  # records that one page may load; the next page goes on from there

_ALL_ACTIONS = ACTIONS | OTHER_ACTIONS


@view_config(route_name="manage", context=SiteGroup, name="audit", permission=Permission.AUDIT,
             request_method="GET", renderer="templates/audit.pt")  # fmt: skip
def audit(context: SiteGroup, request: Any) -> Any:
    """The newest records that fit the question, a hundred to a page; or all of them as a table or as lines of JSON."""
    asked = request.GET
    wanted = wanted_by(asked, context)
    if asked.get("format") in EXPORTS:
        return export(context, request, wanted, asked["format"])
    shown, more = _page_of(found_in(context, wanted), wanted)
    kept = {
        k: asked.get(k, "").strip()
        for k in ("who", "what", "where", "outcome", "since", "until", "unit")
    }
    return page(request, context, _("审计日志")) | {
        **kept,
        "units": [(u.id, u.title) for u in context.directory.units.values()],
        "fingerprint": signing_key(context).fingerprint,
        "rows": [_row(record, context.directory) for record in shown],
        "outcomes": [
            (name, title, name == wanted.outcome) for name, title in OUTCOME_TITLES.items()
        ],
        "actions": [(name, title, name == wanted.what) for name, title in _ALL_ACTIONS.items()],
        "before": clock.micros(more.at) if more is not None else None,
    }


def _row(record: Record, directory: Directory) -> dict[str, Any]:
    return row_of(record) | {"reason": remark_told(record.action, record.reason, directory)}


def _page_of(records: Iterator[Record], wanted: Wanted) -> tuple[list[Record], Record | None]:
    """A page of what fits, and the record at which the next one goes on; None where the log ends."""
    shown: list[Record] = []
    for number, record in enumerate(records):
        if number == LOOKED_AT or (len(shown) == SHOWN and wanted.fits(record)):
            return shown, record
        if wanted.fits(record):
            shown.append(record)
    return shown, None


@view_config(route_name="manage", context=SiteGroup, name="audit", permission=Permission.AUDIT,
             request_method="POST", once=False)  # fmt: skip
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
        reason=f"{report.records} 条记录，{len(report.faults)} 处异常",
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
