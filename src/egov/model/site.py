"""The containers of a website group: the portal, the departments' subsites, their sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import colander

from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.workdays import read_table
from egov.model import fields
from egov.model.btrees import NameTree, UidTree
from egov.model.container import Container
from egov.model.desk import Tasks
from egov.model.ledger import Ledger
from egov.model.node import Node, lineage
from egov.model.notices import Notices
from egov.model.release import Passes, Releases
from egov.model.types import TypeInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# The national guideline's column types (47号 annex; the list is open at its end).
COLUMN_TYPES = tuple(
    (name, name)
    for name in (
        "概况信息",
        "机构职能",
        "负责人信息",
        "工作动态",
        "政策文件",
        "信息公开指南",
        "信息公开目录",
        "信息公开年报",
        "依申请公开",
        "数据发布",
        "数据开放",
        "政策解读",
        "回应关切",
        "办事服务",
        "咨询投诉",
        "征集调查",
        "在线访谈",
        "通知公告",
        "专题专栏",
        "其他",
    )
)

LAYOUTS = (
    ("list", _("标题列表")),
    ("summary", _("标题与摘要")),
    ("grid", _("图片网格")),
    ("single", _("只显示第一篇内容")),
    ("sections", _("只列下级栏目")),
    ("topic", _("专题页（由板块组成）")),
    ("zone", _("专题区（列出各个专题）")),
    ("leaders", _("负责人")),
    ("offices", _("机构")),
)

BY_TYPE = "auto"
UPDATE_POLICIES = (
    (BY_TYPE, _("按栏目类型（动态 2 周，公告和文件 6 个月，其他 1 年）")),
    ("none", _("不要求定期更新")),
    ("14", _("至少每 2 周更新（动态要闻类）")),
    ("180", _("至少每 6 个月更新（通知公告、政策文件类）")),
    ("365", _("至少每年更新")),
)

LANGUAGES = (("", _("同上级")), ("zh_Hans", _("简体中文")), ("en", _("英文")))

_SITE_CODE = colander.Regex(r"[0-9a-z]{10}\Z", _("网站标识码是 10 位数字或小写字母。"))


def _holidays(node: colander.SchemaNode, value: str) -> None:
    try:
        read_table(value)
    except Invalid as error:
        raise colander.Invalid(node, error.message) from None


def _site_fields(name_label: Any) -> list[colander.SchemaNode]:
    return [
        fields.title(name_label),
        fields.line("short_name", _("简称"), limit=30),
        fields.text("description", _("网站简介"), limit=300),
        fields.line("code", _("网站标识码"), limit=10, validator=_SITE_CODE),
        fields.line("domain", _("主要域名"), limit=100),
        fields.line("organiser", _("主办单位"), limit=100),
        fields.unit("unit", _("归属单位（不填同上级）")),
        fields.line("contact", _("联系方式"), limit=200),
        fields.line("icp", _("ICP 备案编号"), limit=60),
        fields.line("police", _("公安机关备案编号"), limit=60),
        fields.line("carrier", _("承办单位"), limit=100, is_rare=True),
        fields.url("sign", _("党政机关网站标识的网址"), is_rare=True),
        fields.url("find_error", _("“我为政府网站找错”平台的网址"), is_rare=True),
        fields.choice("language", _("语言"), LANGUAGES, is_rare=True),
        fields.color("accent", _("主色")),
        fields.color("accent_2", _("辅助色（可不填；全站最多三种颜色）"), is_rare=True),
        fields.color("accent_3", _("点缀色（可不填）"), is_rare=True),
        fields.file("logo", _("标志"), kind="image"),
    ]


class SiteGroup(Container):
    """The root of the tree: the portal, and the place where people, sessions, catalog and audit log hang."""

    type_info = TypeInfo(
        name="site_group",
        title=_("门户网站"),
        icon="bank",
        addable_to=(),
        workflow="container",
        is_container=True,
    )

    directory: Any
    sessions: Any
    attempts: Any
    audit: Any
    catalog: Any
    guide: Any
    ledger: Ledger
    notices: Notices
    tasks: Tasks
    releases: Releases
    passes: Passes

    def __init__(self, title: str, owner: str, values: Mapping[str, Any] | None = None) -> None:
        super().__init__(title, owner, values)
        self.__name__ = ""
        self.ledger = Ledger()
        self.notices = Notices()
        self.tasks = Tasks()
        self.releases = Releases()
        self.passes = Passes()
        self.resets = NameTree()  # hash of a token -> Reset
        self.tables = NameTree()  # name -> OfficeTable, before the stock table of that name
        self.registers = NameTree()  # what the features keep, by name
        self.unreviewed = UidTree()  # uid of an item published without review -> the item
        self.trash = UidTree()  # uid -> Discarded

    def register(self, name: str, factory: Callable[[], Any]) -> Any:
        """What a feature keeps under its name; made when it is first asked for."""
        if name not in self.registers:
            self.registers[name] = factory()
        return self.registers[name]

    @classmethod
    def schema(cls) -> colander.SchemaNode:
        """The portal's settings."""
        wording = fields.text("wording", _("用语规范（每行一条：不规范=规范）"), limit=20_000)
        holidays = fields.text(
            "holidays",
            _("节假日表（每行一天：2027-01-01 休，或 2027-02-07 班）"),
            limit=10_000,
            validator=_holidays,
        )
        term = fields.number("review_days", _("审核期限（工作日，不填为 3）"), low=1, high=60)
        escalation = fields.number(
            "escalation_days",
            _("超过审核期限后，再过几个工作日提醒管理员（不填为 3，0 为不提醒）"),
            high=60,
        )
        return fields.mapping(*_site_fields(_("网站名称")), wording, holidays, term, escalation)


class Subsite(Container):
    """A department's site below the portal."""

    type_info = TypeInfo(
        name="subsite",
        title=_("部门子站"),
        icon="building",
        addable_to=("site_group",),
        workflow="container",
        is_container=True,
    )

    @classmethod
    def schema(cls) -> colander.SchemaNode:
        """The subsite's settings."""
        return fields.mapping(*_site_fields(_("子站名称")))


class Section(Container):
    """A column of a site (栏目); sections nest."""

    type_info = TypeInfo(
        name="section",
        title=_("栏目"),
        icon="folder2",
        addable_to=("site_group", "subsite", "section"),
        workflow="container",
        is_container=True,
    )

    @classmethod
    def schema(cls) -> colander.SchemaNode:
        """The section's settings, named as the column tags of the national guideline ask."""
        return fields.mapping(
            fields.title(_("栏目名称")),
            fields.text("description", _("栏目说明"), limit=300),
            fields.tags("keywords", _("关键词"), is_rare=True),
            fields.choice("column_type", _("栏目类型"), COLUMN_TYPES, missing="其他"),
            fields.choice("update_days", _("更新要求"), UPDATE_POLICIES),
            fields.unit("unit", _("归属单位（不填同上级）")),
            fields.line("keeper", _("更新责任人（不填即归属单位）"), limit=60, is_rare=True),
            fields.choice("layout", _("版式"), LAYOUTS),
            fields.choice("language", _("语言"), LANGUAGES, is_rare=True),
            fields.original(),
            fields.file(
                "banner", _("专题题图（宽幅，用于专题页和专题横幅）"), kind="image", is_rare=True
            ),
            fields.day("archived_on", _("归档日期（专题结束后填写）"), is_rare=True),
        )


def site_of(node: Node) -> SiteGroup:
    """The site group in which the node stands; raises LookupError for a detached node."""
    for found in lineage(node):
        if isinstance(found, SiteGroup):
            return found
    raise LookupError(f"{node!r} is not in a site group")


def language_of(node: Node) -> str:
    """The language in which the node's part of the site is written; empty for the usual one."""
    above: Node | None = node
    while (
        above is not None
    ):  # not by `lineage`: every page asks, for itself and for its counterpart
        if isinstance(above, Container) and (said := above.values.get("language")):
            return str(said)
        above = above.__parent__
    return ""


def is_attached(node: Node) -> bool:
    """Whether the node can be reached from a site group."""
    return any(isinstance(found, SiteGroup) for found in lineage(node))


def subsite_of(node: Node) -> Container:
    """The nearest subsite at or above the node, or the portal."""
    for found in lineage(node):
        if isinstance(found, Subsite | SiteGroup):
            return found
    raise LookupError(f"{node!r} is not in a site group")
