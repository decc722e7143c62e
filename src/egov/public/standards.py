"""What the national guideline asks of every public page (国办发〔2017〕47号 with its annex), checked on the markup."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlsplit

from egov.model.site import COLUMN_TYPES
from egov.public.leaving import GOVERNMENT
from egov.web.rendering import catalog_of

SITE_TAGS = ("SiteName", "SiteDomain", "SiteIDCode")
COLUMN_TAGS = ("ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType")
ITEM_TAGS = ("ArticleTitle", "PubDate", "ContentSource")
MARKS = ("主办单位", "联系方式", "网站标识码", "ICP 备案编号", "公安机关备案编号")
WAYS = ("我要纠错", "网站地图", "长者版")
_EMPTY = ("本栏目暂无信息。", "本专题暂无信息。", "本栏目暂无专题。", "建设中")
_PUB_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d\Z")
_FLOATING = re.compile(r"position\s*:\s*(fixed|sticky)")
_LOADS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
_NOT_LOADED = ("canonical", "alternate", "prev", "next")
_UNWANTED = {
    "marquee": "滚动字幕",
    "blink": "闪烁文字",
    "iframe": "内嵌网页",
    "embed": "内嵌程序",
    "object": "内嵌程序",
}
_SILENT = frozenset({"script", "style"})


class Link(NamedTuple):
    """A link: where it leads, and whether it says something of its own."""

    href: str
    rel: str


class Read(HTMLParser):
    """One page, read once."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.lang = ""
        self.title = ""
        self.metas: dict[str, str] = {}
        self.headings: list[int] = []
        self.links: set[str] = set()
        self.ways: list[Link] = []
        self.loads: set[str] = set()
        self.without_alt = 0
        self.labels: set[str] = set()
        self.ids: Counter[str] = Counter()
        self.marks: set[str] = set()  # what else stands in the page: tags, rels, roles, data-…
        self.unwanted: set[str] = set()
        self.times: list[str] = []
        self.text = ""
        self._open = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember what the rules ask for."""
        told = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = told.get("lang", "")
        elif tag == "meta":
            self._meta(told)
        elif tag == "a" and told.get("href"):
            self.links.add(told["href"])
            self.ways.append(Link(told["href"], told.get("rel", "")))
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))
        if tag == "img" and "alt" not in told:
            self.without_alt += 1
        if tag in _LOADS and told.get("rel") not in _NOT_LOADED:
            self.loads.add(told.get(_LOADS[tag], ""))
        if "aria-label" in told:
            self.labels.add(told["aria-label"])
        if "id" in told:
            self.ids[told["id"]] += 1
        self.marks |= {
            tag,
            told.get("rel", ""),
            told.get("role", ""),
            *(n for n in told if n[:5] == "data-"),
        }
        self._look_for_unwanted(tag, told)
        self._open = tag

    def _meta(self, told: dict[str, str]) -> None:
        if "name" in told:
            self.metas[told["name"]] = told.get("content", "")
        if told.get("http-equiv", "").lower() == "refresh":
            self.unwanted.add("自动跳转")

    def _look_for_unwanted(self, tag: str, told: dict[str, str]) -> None:
        if tag in _UNWANTED:
            self.unwanted.add(_UNWANTED[tag])
        if "autoplay" in told:
            self.unwanted.add("自动播放")
        if _FLOATING.search(told.get("style", "")):
            self.unwanted.add("漂浮窗口")
        if any(name.startswith("on") for name in told):
            self.unwanted.add("弹出或行内脚本")

    def handle_data(self, data: str) -> None:
        """Gather the title, the times and the words of the page."""
        if self._open == "title":
            self.title += data
        elif self._open == "time":
            self.times.append(data.strip())
        if self._open not in _SILENT:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        """What was open ends."""
        self._open = ""


def faults(path: str, page: Read) -> Iterator[str]:
    """What a page lacks or does wrong; which tags it needs is told by what kind of page it says it is."""
    yield from _tags(page)
    yield from _reading(page)
    yield from _around(page)
    yield from _leading_away(page)
    for address in sorted(page.loads):
        if urlsplit(address).netloc:
            yield f"引用了外部资源 {address}"
    for unwanted in sorted(page.unwanted):
        yield f"不应有{unwanted}"
    for words in _EMPTY:
        if words in page.text:
            yield f"空白栏目：{words}"
    if "ArticleTitle" in page.metas:
        yield from _item(page)


def _around(page: Read) -> Iterator[str]:
    english = catalog_of("en") if page.lang == "en" else {}
    for mark in MARKS:
        if english.get(mark, mark) not in page.text:
            yield f"页脚没有“{mark}”"
    for way in WAYS:
        if english.get(way, way) not in page.text:
            yield f"没有“{way}”入口"
    is_home = "ColumnName" not in page.metas and "ArticleTitle" not in page.metas
    if not is_home and english.get("当前位置", "当前位置") not in page.labels:
        yield "没有当前位置"
    if "search" not in page.marks:
        yield "没有搜索框"
    if "main" not in page.marks or "#main" not in page.links:
        yield "没有“跳到正文”的链接"
    if "canonical" not in page.marks:
        yield "没有规范网址（canonical）"
    if "viewport" not in page.metas:
        yield "没有适配手机（viewport）"


def _leading_away(page: Read) -> Iterator[str]:
    own = page.metas.get("SiteDomain", "").removeprefix("www.")
    for link in page.ways:
        parts = urlsplit(link.href)
        host = parts.hostname or ""
        is_own = bool(own) and f".{host}".endswith(f".{own}")
        if parts.scheme in ("http", "https") and not host.endswith(GOVERNMENT) and not is_own:
            yield f"链接到非政府网站而没有离开提示：{link.href}"


def _item(page: Read) -> Iterator[str]:
    published = page.metas.get("PubDate", "")
    if published and published not in page.times:
        yield "页面上没有显示发布时间，或与 PubDate 不一致"
    for mark, name in (("data-print", "打印"), ("data-look", "字号")):
        if mark not in page.marks:
            yield f"没有{name}按钮"


def _reading(page: Read) -> Iterator[str]:
    if not page.title.strip():
        yield "没有网页标题"
    if not page.lang:
        yield "没有语言标记"
    if page.headings.count(1) != 1:
        yield f"应有一个一级标题，现有 {page.headings.count(1)} 个"
    for before, after in zip(page.headings, page.headings[1:], strict=False):
        if after > before + 1:
            yield f"标题从 {before} 级跳到 {after} 级"
            break
    if page.without_alt:
        yield f"{page.without_alt} 张图片没有替代文字"
    for name, times in page.ids.items():
        if times > 1:
            yield f"id 重复：{name}"


def _tags(page: Read) -> Iterator[str]:
    needed = [*SITE_TAGS]
    if "ColumnName" in page.metas:
        needed += COLUMN_TAGS
    if "ArticleTitle" in page.metas:
        needed += ITEM_TAGS
    for name in needed:
        if not page.metas.get(name):
            yield f"没有 {name} 标签"
    published = page.metas.get("PubDate")
    if published and not _PUB_DATE.match(published):
        yield f"PubDate 的格式不对：{published}"
    column = page.metas.get("ColumnType")
    if column and column not in dict(COLUMN_TYPES):
        yield f"ColumnType 不在规定的类型中：{column}"
