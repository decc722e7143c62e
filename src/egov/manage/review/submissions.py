"""Submission to the portal (报送): offering an item, deciding what was offered, asking for texts, the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import EgovError, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.catalog import reads
from egov.history.deeds import part, step_of
from egov.manage.frame import done, page, undo_url
from egov.model.container import Container
from egov.model.item import Item
from egov.model.ledger import ADOPTED, CHANGES, DECLINED, OFFERED, TAKEN_BACK, Commission, Offer
from egov.model.site import Section, SiteGroup, Subsite, site_of, subsite_of
from egov.operations.submissions import (
    DECIDED,
    adopt,
    ask_changes,
    commission,
    decline,
    offer,
    receives,
    take_back,
)
from egov.security.policy import permits
from egov.web.tables import FORMATS, table_response
from egov.web.urls import manage_url

SHOWN = 100
OFFER_STATES: dict[str, tuple[Message, str]] = {
    OFFERED: (_("待处理"), "warning"), CHANGES: (_("需修改"), "danger"), ADOPTED: (_("已采用"), "success"),
    DECLINED: (_("未采用"), "neutral"), TAKEN_BACK: (_("已取消"), "neutral"),
}  # fmt: skip


@view_config(route_name="manage", context=Item, name="offer", permission=Permission.EDIT,
             request_method="GET", renderer="templates/offer.pt")  # fmt: skip
def show_offer(context: Item, request: Any) -> dict[str, Any]:
    """Where an item can be offered, and what became of earlier offers."""
    return _offer_page(context, request)


def _offer_page(context: Item, request: Any, error: Message = "") -> dict[str, Any]:
    site, home = request.site, subsite_of(context)
    targets = [s for s in _sites(site, request.actor) if s is not home]
    asked = [c for c in site.ledger.commissions_of(home.uid) if c.source == home.uid]
    return page(request, context, _("报送“${title}”", mapping={"title": context.title})) | {
        "targets": [(s.uid, s.title) for s in targets],
        "commissions": [(c.key, f"{c.title}（{c.deadline}）") for c in asked if not _is_over(c)],
        "earlier": [_row(site, o) for o in site.ledger.offers_of(context.uid)],
        "is_live": context.live_state == "published",
        "sent": {k: request.POST.get(k, "") for k in ("target", "commission", "note")},
        "error": error,
    }


def _sites(site: SiteGroup, actor: Any) -> list[Container]:
    departments = (c for c in site.containers() if isinstance(c, Subsite))
    return [site, *(c for c in departments if permits(actor, Permission.VIEW, c))]


@view_config(route_name="manage", context=Item, name="offer", permission=Permission.EDIT,
             request_method="POST", renderer="templates/offer.pt")  # fmt: skip
def do_offer(context: Item, request: Any) -> Any:
    """Offer the item, or take an offer back."""
    sent, site = request.POST, request.site
    try:
        if sent.get("do") == "take_back":
            made = site.ledger.offer(context.uid, as_number(sent.get("key")))
            if made is None:
                raise Invalid(_("没有这项报送。"))
            take_back(site, made, by=request.actor)
            return done(request, context, _("已取消报送。"), "offer")
        target = site.catalog.node(as_number(sent.get("target")))
        asked = as_number(sent.get("commission"))
        offer(context, target, by=request.actor, note=sent.get("note", ""), commission=asked)
    except EgovError as error:
        return _offer_page(context, request, error.message)
    return done(
        request, context, _("已报送给“${title}”。", mapping={"title": target.title}), "offer"
    )


@view_config(route_name="manage", context=SiteGroup, name="offers", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/offers.pt")  # fmt: skip
@view_config(route_name="manage", context=Subsite, name="offers", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/offers.pt")  # fmt: skip
def show_offers(context: Container, request: Any) -> dict[str, Any]:
    """What was offered to this site, what it offered, and the texts asked for."""
    _check_reader(context, request.actor)
    return _offers_page(context, request)


def _check_reader(context: Container, actor: Any) -> None:
    # Who receives for the portal has roles on its sections, and none on the whole group.
    if not receives(actor, context) and not permits(actor, Permission.PREVIEW, context):
        raise HTTPNotFound


def _offers_page(context: Container, request: Any, error: Message = "") -> dict[str, Any]:
    site, ledger, actor = request.site, request.site.ledger, request.actor
    decides = receives(actor, context)
    recent = list(ledger.offers_of(context.uid))[:SHOWN]
    title = _("“${title}”的报送", mapping={"title": context.title})
    return page(request, context, title) | {
        "decides": decides,
        "waiting": [_row(site, o) for o in ledger.open_for(context.uid)][:SHOWN],
        "decided": [
            _row(site, o) | {"undo": _undo_url(site, o) if decides else ""}
            for o in recent
            if o.target == context.uid and not o.is_open
        ],
        "sent_out": [_row(site, o) for o in recent if o.source == context.uid],
        "commissions": [_asked(site, c, context) for c in ledger.commissions_of(context.uid)][
            :SHOWN
        ],
        "sections": _sections(context, actor) if decides else [],
        "departments": [(s.uid, s.title) for s in _sites(site, actor) if s is not context],
        "ledger_url": manage_url(context, "ledger"),
        "sent": {
            k: request.POST.get(k, "") for k in ("title", "source", "deadline", "brief", "comment")
        }
        | {
            "key": as_number(request.POST.get("key")),
            "sections": request.POST.getall("section") if request.method == "POST" else [],
        },
        "error": error,
    }


def _sections(context: Container, actor: Any) -> list[tuple[int, str]]:
    places = reads.containers_where(actor, site_of(context), Permission.ADOPT)
    own = (c for c in places if isinstance(c, Section) and subsite_of(c) is context)
    return [(c.uid, c.title) for c in own]


def _row(site: SiteGroup, made: Offer) -> dict[str, Any]:
    item, target, source = (site.catalog.node(uid) for uid in (made.item, made.target, made.source))
    state, tone = OFFER_STATES[made.state]
    gone = _("（已删除）")
    return {
        "key": made.key,
        "title": made.title,
        "url": manage_url(item) if item is not None else "",
        "public": item is not None and isinstance(item, Item) and item.live_state == "published",
        "source": source.title if source is not None else gone,
        "target": target.title if target is not None else gone,
        "state": state,
        "tone": tone,
        "is_open": made.is_open,
        "by": site.directory.title_of(f"user:{made.by}"),
        "at": clock.stamp(made.at),
        "note": made.note,
        "decided": clock.stamp(made.decided_at),
        "decided_by": site.directory.title_of(f"user:{made.decided_by}") if made.decided_by else "",
        "comment": made.comment,
        "asked": made.commission,
    }


def _undo_url(site: SiteGroup, made: Offer) -> str:
    item = site.catalog.node(made.item)
    key = (
        step_of(item, part("offer", made.key)) if made.state in DECIDED and item is not None else 0
    )
    return undo_url(item, key) if key else ""


def _asked(site: SiteGroup, made: Commission, here: Container) -> dict[str, Any]:
    other = site.catalog.node(made.source if made.target == here.uid else made.target)
    answers = [o for o in site.ledger.offers_of(made.target) if o.commission == made.key]
    return {
        "title": made.title,
        "brief": made.brief,
        "other": other.title if other is not None else "",
        "is_ours": made.target == here.uid,
        "deadline": clock.day(made.deadline),
        "is_late": _is_over(made) and not answers,
        "answers": [(o.title, OFFER_STATES[o.state][0]) for o in answers],
    }


def _is_over(made: Commission) -> bool:
    return made.deadline < clock.local(clock.now()).date()


@view_config(route_name="manage", context=SiteGroup, name="offers", permission=Permission.AUTHENTICATED,
             request_method="POST", renderer="templates/offers.pt")  # fmt: skip
@view_config(route_name="manage", context=Subsite, name="offers", permission=Permission.AUTHENTICATED,
             request_method="POST", renderer="templates/offers.pt")  # fmt: skip
def do_offers(context: Container, request: Any) -> Any:
    """Adopt, give back or decline one offer, or ask a department for a text."""
    _check_reader(context, request.actor)
    try:
        message = _decide(context, request)
    except EgovError as error:
        request.tm.doom()  # an adoption into several sections is done wholly or not at all
        return _offers_page(context, request, error.message)
    return done(request, context, message, "offers")


def _decide(context: Container, request: Any) -> Message:
    sent, site, by = request.POST, request.site, request.actor
    if sent.get("do") == "commission":
        source = site.catalog.node(as_number(sent.get("source")))
        made = commission(
            context, source, sent.get("title", ""), _day(sent.get("deadline", "")),
            by=by, brief=sent.get("brief", ""),
        )  # fmt: skip
        return _(
            "已向“${site}”约稿：${title}。", mapping={"site": source.title, "title": made.title}
        )
    offered = site.ledger.offer(context.uid, as_number(sent.get("key")))
    if offered is None or offered.target != context.uid:
        raise Invalid(_("没有这项报送。"))
    comment, named = sent.get("comment", ""), {"title": offered.title}
    chosen = (site.catalog.node(as_number(raw)) for raw in sent.getall("section"))
    sections = [node for node in chosen if isinstance(node, Container)]
    ways: dict[str, tuple[Callable[[], None], Message]] = {
        "adopt": (partial(adopt, site, offered, sections, by=by, comment=comment),
                  _("已采用“${title}”。", mapping=named)),
        "changes": (partial(ask_changes, site, offered, by=by, comment=comment),
                    _("已请报送单位修改“${title}”。", mapping=named)),
        "decline": (partial(decline, site, offered, by=by, comment=comment),
                    _("未采用“${title}”。", mapping=named)),
    }  # fmt: skip
    way = ways.get(sent.get("do", ""))
    if way is None:
        raise Invalid(_("请选择采用、请修改或不采用。"))
    way[0]()
    return way[1]


@view_config(route_name="manage", context=SiteGroup, name="ledger", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/ledger.pt")  # fmt: skip
@view_config(route_name="manage", context=Subsite, name="ledger", permission=Permission.AUTHENTICATED,
             request_method="GET", renderer="templates/ledger.pt")  # fmt: skip
def ledger(context: Container, request: Any) -> Any:
    """How many each department offered to this site in a year and how many were adopted; as CSV each of them."""
    _check_reader(context, request.actor)
    now = clock.local(clock.now())
    year = as_number(request.GET.get("year"), 4) or now.year
    start = datetime(min(max(year, 2000), 9998), 1, 1, tzinfo=clock.OFFICE_ZONE)
    end = start.replace(year=start.year + 1)
    found = [o for o in request.site.ledger.offers_of(context.uid, start) if o.at < end]
    found = [o for o in found if o.target == context.uid]
    if request.GET.get("format") in FORMATS:
        return _as_table(request, [_row(request.site, o) for o in found])
    sent, taken = (
        Counter(o.source for o in found),
        Counter(o.source for o in found if o.state == ADOPTED),
    )
    rows = [(_title(request.site, uid), sent[uid], taken[uid]) for uid in sent]
    title = _("“${title}”的采用台账", mapping={"title": context.title})
    return page(request, context, title) | {
        "year": start.year,
        "years": range(now.year, now.year - 5, -1),
        "rows": sorted(rows, key=lambda row: (-row[2], -row[1], row[0])),
        "offers_url": manage_url(context, "offers"),
    }


def _title(site: SiteGroup, uid: int) -> str:
    node = site.catalog.node(uid)
    return node.title if node is not None else str(uid)


def _as_table(request: Any, rows: list[dict[str, Any]]) -> Response:
    heads = (
        _("标题"),
        _("报送单位"),
        _("报送人"),
        _("报送时间"),
        _("结果"),
        _("处理人"),
        _("处理时间"),
        _("意见"),
    )
    keys = ("title", "source", "by", "at", "state", "decided_by", "decided", "comment")
    return table_response(request, "ledger", heads, ([r[key] for key in keys] for r in rows))


def _day(raw: str) -> date:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise Invalid(_("截止日期的写法不对。")) from None
