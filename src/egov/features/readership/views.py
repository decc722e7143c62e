"""The editors' page: how often a page, section or site was read, what was read most, and what readers said of it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.features.readership.register import (
    BELOW,
    NO,
    REASONS,
    SEEN,
    YES,
    most_read,
    opinions,
    readership_of,
)
from egov.features.readership.voting import REASON_TITLES
from egov.manage.frame import page as manage_page
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.security.policy import permits
from egov.web.tables import FORMATS, table_response
from egov.web.urls import manage_url

VIEW = "readership"
DAYS = 30
SHOWN = 20
_MOST_ROWS = 10_000
_COUNTED = (YES, NO, *REASONS)


@view_config(route_name="manage", context=Item, name=VIEW, permission=Permission.PREVIEW, request_method="GET",
             renderer="templates/readership.pt")  # fmt: skip
@view_config(route_name="manage", context=Container, name=VIEW, permission=Permission.PREVIEW, request_method="GET",
             renderer="templates/readership.pt")  # fmt: skip
def show_readership(context: Node, request: Any) -> Any:
    """Visits by day, the most read of a month, and the answers of a month; also as a table."""
    site, readership = request.site, readership_of(request.site)
    months = readership.months() or [clock.today().isoformat()[:7]]
    month = request.GET.get("month", "")
    month = month if month in months else months[0]
    read = most_read(site, context, month, SHOWN) if isinstance(context, Container) else []
    said = sorted(
        ((site.catalog.node(uid), votes) for uid, votes in opinions(site, context, month).items()),
        key=lambda pair: (-pair[1][NO], -pair[1][YES]),
    )
    shown = [
        (node, votes) for node, votes in said if permits(request.actor, Permission.PREVIEW, node)
    ]
    if request.GET.get("format") in FORMATS:
        return _as_table(request, context, month)
    days = _days(context, readership)
    most = max((count for _day, count in days), default=0)
    return manage_page(request, context, _("“${title}”的访问与评价", mapping={"title": context.title})) | {
        "days": [(day, count, round(100 * count / most) if most else 0) for day, count in days],
        "total": sum(count for _day, count in days),
        "months": months,
        "month": month,
        "read": [(i.live_title or i.title, manage_url(i, VIEW), n) for i, n in read],
        "said": [_told(node, votes) for node, votes in shown[:SHOWN]],
        "sum": _told(context, sum((votes for _node, votes in said), Counter())),
        "is_counted": request.registry.visits is not None,
    }  # fmt: skip


def _days(node: Node, readership: Any) -> list[tuple[str, int]]:
    what = BELOW if isinstance(node, Container) else SEEN
    days = [clock.today() - timedelta(days=n) for n in range(DAYS)]
    return [(day.isoformat(), readership.of_day(day, what, node.uid)) for day in days]


def _told(node: Node, votes: Counter[str]) -> dict[str, Any]:
    answers = votes[YES] + votes[NO]
    why: list[tuple[Message, int]] = [(REASON_TITLES[r], votes[r]) for r in REASONS if votes[r]]
    return {
        "title": getattr(node, "live_title", "") or node.title,
        "url": manage_url(node, VIEW),
        "yes": votes[YES],
        "no": votes[NO],
        "share": round(100 * votes[YES] / answers) if answers else 0,
        "why": why,
    }


def _as_table(request: Any, context: Node, month: str) -> Any:
    """Every item at or below, with what was counted in a month."""
    site = request.site
    said = opinions(site, context, month)
    read = {node.uid: count for node, count in _all_read(site, context, month)}
    nodes = [site.catalog.node(uid) for uid in {**read, **said}]
    rows = [
        (n.title, manage_url(n), *map(str, (read.get(n.uid, 0), *(said.get(n.uid, Counter())[w] for w in _COUNTED))))
        for n in nodes
        if permits(request.actor, Permission.PREVIEW, n)
    ]  # fmt: skip
    heads = (_("标题"), _("网址"), _("访问"), _("有用"), _("没用"), *REASON_TITLES.values())
    return table_response(request, f"readership-{month}", heads, rows)


def _all_read(site: Any, context: Node, month: str) -> list[tuple[Item, int]]:
    if isinstance(context, Container):
        return most_read(site, context, month, _MOST_ROWS)
    count = readership_of(site).of_month(month, SEEN)[context.uid]
    return [(context, count)] if isinstance(context, Item) else []
