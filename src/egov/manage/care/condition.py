"""The page of who keeps egov running: database, disk, backups, upgrade steps, regular work, each with what to do."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from pyramid.view import view_config

from egov.base import clock
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.evolve.running import waiting
from egov.manage.frame import page
from egov.model.site import SiteGroup
from egov.storage.opening import files_of
from egov.storage.upkeep import BACKUP, PACK, SCRUB, Work, last_works, upkeep_file
from egov.web.full_disk import is_sparing

ENGINES: dict[str, Message] = {
    "SafeStorage": _("文件数据库"),
    "ClientStorage": _("数据库服务（ZEO）"),
    "RelStorage": _("PostgreSQL 数据库"),
}
LOW_DISK = 0.1  # of the whole
LATE = timedelta(minutes=10)  # regular work that is due for so long is not being done


class Kind(NamedTuple):
    """A piece of work, how old its last time may be, and what to do about it."""

    what: str
    title: Message
    oldest: timedelta
    advice: Message
    may_be_missing: bool = False


WORKS = (
    Kind(BACKUP, _("备份"), timedelta(hours=26), _("请每晚运行 egov backup。")),
    Kind(SCRUB, _("校验"), timedelta(days=8), _("请至少每周运行一次 egov scrub。")),
    Kind(
        PACK,
        _("整理"),
        timedelta(days=100),
        _("数据库变大时，请运行 egov pack。"),
        may_be_missing=True,
    ),
)

GOOD, WARNING, BAD = "success", "warning", "danger"
_SIGNS = {
    GOOD: ("check-circle", _("正常")),
    WARNING: ("exclamation-triangle", _("注意")),
    BAD: ("x-octagon", _("异常")),
}


class Line(NamedTuple):
    """One thing that may be well or not."""

    title: Message
    tone: str
    told: Message
    advice: Message = ""
    at: str = ""

    @property
    def icon(self) -> str:
        """The sign of the tone."""
        return _SIGNS[self.tone][0]

    @property
    def word(self) -> Message:
        """The tone in a word."""
        return _SIGNS[self.tone][1]


@view_config(route_name="manage", context=SiteGroup, name="condition", permission=Permission.SYSTEM,
             request_method="GET", renderer="templates/condition.pt")  # fmt: skip
def show_condition(context: SiteGroup, request: Any) -> dict[str, Any]:
    """How everything is."""
    return page(request, context, _("运行状况")) | {"lines": condition_of(context, request)}


def condition_of(site: SiteGroup, request: Any) -> list[Line]:
    """How everything is, a line for each thing."""
    registry = request.registry
    uri = registry.settings["zodbconn.uri"]
    works = last_works(upkeep_file(uri, registry.egov.upkeep_file))
    database = registry._zodb_databases[""]
    return [
        _database(database),
        *_disk(uri, is_full=is_sparing(registry)),
        _reading(registry.damage.known()),
        *(_work(works.get(kind.what), kind) for kind in WORKS),
        _steps(site),
        _regular(site),
    ]


def _database(database: Any) -> Line:
    kind = type(database.storage).__name__
    told = _(
        "${engine}，${size} MB，${count} 个对象",
        mapping={
            "engine": ENGINES.get(kind, kind),
            "size": f"{database.getSize() / 1e6:,.1f}",
            "count": f"{database.objectCount():,}",
        },
    )
    return Line(_("数据库"), GOOD, told)


def _reading(damaged: list[str]) -> Line:
    title = _("数据完整性")
    if not damaged:
        return Line(title, GOOD, _("读取时没有发现损坏。"))
    told = _("以下数据已损坏，没有提供给任何人：${what}", mapping={"what": tuple(damaged)})
    advice = _(
        "请停止服务，运行 egov scrub --backup 备份目录 取回，并检查磁盘；之后这一提示自动消失。"
    )
    return Line(title, BAD, told, advice)


def _disk(uri: str, *, is_full: bool) -> list[Line]:
    files = files_of(uri)
    if files is None:
        return []
    free = shutil.disk_usage(Path(files.data).parent)
    told = _(
        "剩余 ${free} GB，共 ${total} GB",
        mapping={"free": f"{free.free / 1e9:,.1f}", "total": f"{free.total / 1e9:,.1f}"},
    )
    if is_full:
        return [Line(_("磁盘"), BAD, told, _("磁盘已满，暂时不能保存。请腾出空间，之后无须重启。"))]
    is_low = free.free < LOW_DISK * free.total
    advice = _("剩余空间不多，请及早腾出空间。") if is_low else ""
    return [Line(_("磁盘"), WARNING if is_low else GOOD, told, advice)]


def _work(work: Work | None, kind: Kind) -> Line:
    if work is None:
        tone = GOOD if kind.may_be_missing else WARNING
        return Line(kind.title, tone, _("还没有做过，或者没有记录。"), kind.advice)
    at = clock.stamp(work.at)
    if not work.is_done:
        since = clock.stamp(work.done_at) or _("从未")
        told = _("${told}（上次成功：${since}）", mapping={"told": work.told, "since": since})
        return Line(kind.title, BAD, told, _("上次没有成功，请查明原因后再做一次。"), at)
    seconds = f"{work.seconds:,.1f}"
    told = _("${told}，用时 ${seconds} 秒", mapping={"told": work.told, "seconds": seconds})
    if clock.now() - work.at > kind.oldest:
        return Line(kind.title, WARNING, told, kind.advice, at)
    return Line(kind.title, GOOD, told, at=at)


def _steps(site: SiteGroup) -> Line:
    steps = waiting(site._p_jar.root())
    if not steps:
        return Line(_("数据升级"), GOOD, _("没有等待的升级步骤。"))
    told = _("等待的步骤：${steps}", mapping={"steps": tuple(step.title for step in steps)})
    return Line(_("数据升级"), WARNING, told, _("请运行 egov evolve；其间网站可以照常使用。"))


def _regular(site: SiteGroup) -> Line:
    late = [d for d in site.catalog.agenda.due() if clock.from_micros(d.at) < clock.now() - LATE]
    if not late:
        return Line(_("定时工作"), GOOD, _("没有逾期未办的定时发布、下线与提醒。"))
    told = _("有 ${count} 项到期超过 10 分钟还没有办理。", mapping={"count": len(late)})
    return Line(
        _("定时工作"), BAD, told, _("请检查 egov.jobs_seconds 的设置，或者定时运行 egov jobs。")
    )
