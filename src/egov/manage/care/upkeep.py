"""What needs looking after, as lists to work through; and the freshness of columns with the inspection's marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.base.text import as_number
from egov.manage.frame import chip, page
from egov.model.container import Container
from egov.model.item import Item
from egov.model.site import subsite_of
from egov.operations import columns as fresh
from egov.operations import upkeep
from egov.operations.ownership import is_owned_by, open_units, owned_for, owner_title
from egov.security.principals import SYSTEM_ACTOR
from egov.web.tables import FORMATS, table_response
from egov.web.urls import manage_url

SHOWN = 100
EXPORTED = 5_000
REVIEW_AHEAD = timedelta(days=30)
LONG = 365
HOME_WARNS, HOME_FAILS = 10, 14  # days
SITES_ON_DESK = 30
MARKS_KEPT = timedelta(minutes=1)

LISTS: dict[str, Message] = {
    "columns": _("栏目更新"), "review": _("待复核"), "stale": _("久未更新"), "orphaned": _("无处可寻"),
    "links": _("站内死链"), "outside": _("站外死链"),
}  # fmt: skip
_ABOUT: dict[str, Message] = {
    "columns": _("按栏目类型或栏目设置的更新要求，列出空白、逾期和快到期的栏目。"),
    "review": _("复核日期已到或 30 天内将到的内容，请核对后在内容页点“复核无误”或修改。"),
    "stale": _("已公开、很久没有更新的内容，最久的在前。"),
    "orphaned": _("已公开，但没有链接、引用或栏目列表通向它，公众很难找到。"),
    "links": _("指向已不存在或公众看不到的内容的站内链接。"),
    "outside": _("连续两次检查都打不开的其他网站链接。"),
}
_STATES: dict[str, tuple[str, str, Message]] = {
    fresh.BLANK: ("danger", "file-earmark-x", _("空白")),
    fresh.STALE: ("danger", "clock-history", _("逾期未更新")),
    fresh.SOON: ("warning", "alarm", _("快到期")),
    fresh.FRESH: ("success", "check-circle", _("正常")),
    fresh.FREE: ("neutral", "dash-circle", _("不要求")),
}
_MARKS: dict[str, Message] = {
    "news": _("动态 2 周、公告政策 6 个月未更新的栏目"),
    "stale": _("应更新未更新的栏目"),
    "blank": _("空白栏目"),
}
_WHY: dict[str, Message] = {"gone": _("目标不存在"), "hidden": _("目标未公开")}
_HEADS = (_("标题"), _("网站"), _("说明"), _("网址"), _("责任人"))


@view_config(route_name="manage", context=Container, name="upkeep", permission=Permission.PREVIEW,
             renderer="templates/upkeep.pt")  # fmt: skip
def show_upkeep(context: Container, request: Any) -> Any:
    """One of the lists, of everything below the container; also as a table."""
    chosen = request.GET.get("list", "columns")
    chosen = chosen if chosen in LISTS else "columns"
    days = as_number(request.GET.get("days"), 5) or LONG
    rows = _rows(context, request, chosen, days)
    if request.GET.get("format") in FORMATS:
        told = (
            [r["title"], r["site"], r["told"], r["url"], r.get("who", "")]
            for r in islice(rows, EXPORTED)
        )
        return table_response(request, f"upkeep-{chosen}-{clock.day(clock.now())}", _HEADS, told)
    number = max(as_number(request.GET.get("page"), 4), 1)
    shown = list(islice(rows, (number - 1) * SHOWN, number * SHOWN + 1))
    title = _("“${title}”的维护", mapping={"title": context.title})
    return page(request, context, title) | {
        "lists": [(name, label, manage_url(context, "upkeep", list=name), name == chosen)
                  for name, label in LISTS.items()],
        "chosen": chosen,
        "about": _ABOUT[chosen],
        "days": days,
        "rows": shown[:SHOWN],
        "number": number,
        "goes_on": len(shown) > SHOWN,
        "unit": request.GET.get("unit", ""),
        "units": [(i, title, i == request.GET.get("unit")) for i, title in
                  (open_units(request.site.directory) if chosen == "columns" else ())],
        "marks": marks_of(context, request.actor) if chosen == "columns" else [],
        "checks_links": bool(request.registry.egov.link_check_days),
        "here": manage_url(context, "upkeep"),
    }  # fmt: skip


def _rows(top: Container, request: Any, chosen: str, days: int) -> Iterator[dict[str, Any]]:
    by = request.actor
    if chosen == "columns":
        unit = request.GET.get("unit", "")
        columns = [
            c
            for c in fresh.columns(top, by)
            if not unit or is_owned_by(c.section, frozenset({unit}))
        ]
        return (column_row(c, request) for c in _worst_first(columns))
    if chosen in ("links", "outside"):
        found = (upkeep.dead_links if chosen == "links" else upkeep.dead_outside)(top, by)
        return (_link_row(link) for link in found)
    items: dict[str, Callable[[], Iterable[Item]]] = {
        "review": lambda: upkeep.due_for_review(top, by, clock.today() + REVIEW_AHEAD),
        "stale": lambda: upkeep.long_unchanged(top, by, days),
        "orphaned": lambda: upkeep.orphaned(top, by),
    }
    return (_item_row(item, chosen, request) for item in items[chosen]())


def _worst_first(found: Iterable[fresh.Column]) -> list[fresh.Column]:
    order = list(_STATES)
    return sorted(found, key=lambda c: (order.index(c.state), -c.late))


def column_row(column: fresh.Column, request: Any) -> dict[str, Any]:
    """A column with its duty and its state, for a list."""
    section = column.section
    tone, icon, title = _STATES[column.state]
    late = _("逾期 ${days} 天", mapping={"days": column.late}) if column.late else ""
    return {
        "title": section.title,
        "url": manage_url(section),
        "site": subsite_of(section).title,
        "chip": {"tone": tone, "icon": icon, "title": title, "also": ""},
        "told": late or title,
        "late": late,
        "kind": column.kind,
        "days": column.days,
        "at": clock.day(column.updated),
        "who": section.values.get("keeper") or owner_title(section),
        "add_url": manage_url(section, "add", type="article"),
    }


def _item_row(item: Item, chosen: str, request: Any) -> dict[str, Any]:
    changed = clock.day(item.updated_at or item.published_at)
    review = item.review
    is_late = review is not None and review.due <= clock.today()
    who = review.who if chosen == "review" and review is not None else item.owner
    due = review.due.isoformat() if chosen == "review" and review is not None else ""
    return {
        "title": item.title,
        "url": manage_url(item),
        "site": subsite_of(item).title,
        "chip": chip(item),
        "told": due or changed,
        "late": due if is_late else "",
        "at": due or changed,
        "who": request.site.directory.title_of(f"user:{who}"),
    }


def _link_row(link: upkeep.DeadLink) -> dict[str, Any]:
    why = _WHY.get(link.why, link.why)
    return {
        "title": link.item.title,
        "url": manage_url(link.item),
        "site": subsite_of(link.item).title,
        "chip": {"tone": "danger", "icon": "link-45deg", "title": why, "also": ""},
        "told": f"{link.address}",
        "address": link.address,
        "late": "",
    }


def marks_of(top: Container, by: Any) -> list[dict[str, Any]]:
    """The criteria under which a site fails, with how near it is; of its own columns."""
    found = list(fresh.columns(top, by, deep=False))
    told = [
        {"title": _MARKS[m.name], "count": m.columns, "warns": m.warns, "fails": m.fails, "tone": m.tone}
        for m in fresh.marks(found)
    ]  # fmt: skip
    quiet = fresh.days_without_news(top)
    days = 999 if quiet is None else quiet
    tone = "good" if days < HOME_WARNS else "warn" if days < HOME_FAILS else "bad"
    shown = "—" if quiet is None else quiet
    home = {"title": _("首页没有新信息的天数"), "count": shown, "warns": HOME_WARNS,
            "fails": HOME_FAILS, "tone": tone}  # fmt: skip
    return [home, *told]


class Counted(NamedTuple):
    """The marks of a site: of which revision and day, when they were counted."""

    of: tuple[int, date]
    at: datetime
    marks: list[dict[str, Any]]


def _is_fresh(known: Counted | None, now: tuple[int, date], moment: datetime) -> bool:
    if known is None:
        return False
    is_young = timedelta() <= moment - known.at < MARKS_KEPT
    return known.of == now or (known.of[1] == now[1] and is_young)


def desk_marks(request: Any) -> list[dict[str, Any]]:
    """For the desk: what is in this person's care, or answered for by their unit, where something warns or fails.

    Every section is looked at for them. So they are counted anew only when something public or the day has changed, and
    not more than once a minute: the counts are those of everybody who may see them.
    """
    site, found = request.site, []
    known = request.registry.marks_known
    now, moment = (site.catalog.revision(), clock.today()), clock.now()
    homes = dict.fromkeys(
        [*owned_for(request.actor, site), *fresh.sites_of(request.actor, site, SITES_ON_DESK)]
    )
    for home in islice(homes, SITES_ON_DESK):
        if not _is_fresh(known.get(home.uid), now, moment):
            known[home.uid] = Counted(now, moment, marks_of(home, SYSTEM_ACTOR))
        bad = [mark for mark in known[home.uid].marks if mark["tone"] != "good"]
        if bad:
            found.append({"title": home.title, "url": manage_url(home, "upkeep"), "marks": bad})
    return found
