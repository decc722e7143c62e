"""The kinds of blocks that home and topic pages are made of: what each is called, and what an editor fills in."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import colander

from egov.base.i18n import Message, _
from egov.model import fields
from egov.model.site import COLUMN_TYPES

WIDTHS: tuple[tuple[str, Message], ...] = (
    ("full", _("整行")),
    ("wide", _("三分之二行")),
    ("half", _("半行")),
    ("third", _("三分之一行")),
)
STYLES = (
    ("titles", _("标题与日期")),
    ("told", _("标题、日期与摘要")),
    ("dated", _("日期在前，醒目")),
)
TYPES = (
    ("", _("所有内容")), ("article", _("文章")), ("official_document", _("公文")), ("file", _("文件")),
    ("image", _("图片")),
)  # fmt: skip

Fields = list[colander.SchemaNode]


class Kind(NamedTuple):
    """A kind of block."""

    name: str
    title: Message
    icon: str
    help: Message
    width: str  # how wide it is unless somebody says otherwise
    fields: Callable[[], Fields]

    def schema(self) -> colander.SchemaNode:
        """A fresh schema of what an editor fills in, the width included."""
        return fields.mapping(
            fields.line("title", _("标题（不填则用栏目名称）"), limit=40),
            fields.choice("width", _("宽度"), WIDTHS, missing=self.width),
            *self.fields(),
        )


def _place(label: Message | None = None) -> colander.SchemaNode:
    return fields.place("place", label or _("内容取自"))


def _limit(most: int, usual: int) -> colander.SchemaNode:
    label = _("最多显示几条（1 至 ${most}）", mapping={"most": str(most)})
    return fields.number("limit", label, low=1, high=most, missing=usual)


def _headline() -> Fields:
    return [
        _place(),
        fields.line("pinned", _("指定头条的网址（不填则用最新的有图稿件）"), limit=300),
        _limit(12, 8),
    ]


def _list() -> Fields:
    return [
        _place(),
        fields.place("also", _("再并入一个栏目（可不选）")),
        fields.choice("style", _("样式"), STYLES),
        _limit(20, 6),
    ]


def _query() -> Fields:
    every: tuple[tuple[str, Message], ...] = (("", _("所有栏目类型")), *COLUMN_TYPES)
    return [
        _place(_("在哪里查找")),
        fields.choice("column_type", _("栏目类型（可汇集各部门的同类栏目）"), every),
        fields.choice("type", _("内容类型"), TYPES),
        fields.line("keyword", _("关键词或主题词（与稿件上的完全一致）"), limit=40),
        fields.choice("style", _("样式"), STYLES),
        _limit(20, 6),
    ]


def _rows_of_links() -> colander.SchemaNode:
    columns = (("title", _("名称"), 40), ("url", _("网址"), 500))
    return fields.rows("rows", _("链接"), columns)


def _figures() -> Fields:
    columns = (
        ("label", _("指标"), 30), ("value", _("数值"), 20), ("unit", _("单位"), 12),
        ("note", _("比较或说明"), 40), ("url", _("网址"), 500),
    )  # fmt: skip
    return [
        fields.rows("rows", _("数据"), columns),
        fields.line("note", _("数据时间和来源"), limit=80),
    ]


_KINDS = (
    Kind("headline", _("头条"), "star", _("一条大图要闻，旁边是最新的几条标题。"), "full", _headline),
    Kind("pictures", _("图片新闻"), "images", _("带图的稿件，排成一行图片。"), "full",
         lambda: [_place(), _limit(8, 4)]),
    Kind("list", _("栏目列表"), "list-ul", _("一个或两个栏目中最新的稿件。"), "half", _list),
    Kind("query", _("条件列表"), "funnel", _("按栏目类型、内容类型或关键词，从多个栏目汇集的稿件。"), "half", _query),
    Kind("notices", _("通知公告"), "megaphone", _("日期在前的醒目列表。"), "half",
         lambda: [_place(), _limit(10, 5)]),
    Kind("services", _("服务入口"), "grid", _("常用服务的入口；不填链接则用栏目中的“链接”稿件。"), "full",
         lambda: [_rows_of_links(), _place(_("或取自栏目")), _limit(24, 12)]),
    Kind("banners", _("专题横幅"), "bookmark-star", _("专题区中没有归档的专题，带题图。"), "full",
         lambda: [_place(_("专题区")), _limit(6, 3)]),
    Kind("figures", _("数据"), "bar-chart", _("几个醒目的数字，各有名称、单位和说明。"), "full", _figures),
    Kind("people", _("负责人"), "people", _("“负责人”栏目中的人员，按次序。"), "full",
         lambda: [_place(), _limit(24, 8)]),
    Kind("subsites", _("部门网站"), "building", _("已开放的部门子站，按次序。"), "full", list),
    Kind("links", _("链接"), "link-45deg", _("几个链接，紧凑排列。"), "full", lambda: [_rows_of_links()]),
    Kind("text", _("文字"), "text-paragraph", _("一段文字，可以有图片、表格和链接。"), "full",
         lambda: [fields.rich("body", _("正文"))]),
    Kind("about", _("本单位"), "info-circle", _("网站简介、联系方式和固定内容的栏目，取自设置。"), "third", list),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.name: kind for kind in _KINDS}
