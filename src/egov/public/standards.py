"""What the national guideline asks of every public page (国办发〔2017〕47号 with its annex), checked on the markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from egov.model.site import COLUMN_TYPES
from egov.public.leaving import GOVERNMENT
from egov.public.reading import FLOATING, Link, Read
from egov.web.rendering import catalog_of

SITE_TAGS = ("SiteName", "SiteDomain", "SiteIDCode")
COLUMN_TAGS = ("ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType")
ITEM_TAGS = ("ArticleTitle", "PubDate", "ContentSource")
MARKS = ("主办单位", "联系方式", "网站标识码", "ICP 备案编号", "公安机关备案编号")
WAYS = ("我要纠错", "网站地图", "长者版", "我为政府网站找错", "党政机关网站标识")
_EMPTY = ("本网站暂无信息。", "本栏目暂无信息。", "本专题暂无信息。", "本栏目暂无专题。", "建设中")
_PUB_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d\Z")
_CHANNELS = range(5, 9)
_MARK_FORMS = {
    "ICP 备案编号": re.compile(r"ICP备\s*\d+\s*号"),
    "公安机关备案编号": re.compile(r"公网安备\s*\d+\s*号"),
}
_ANYTHING = re.compile("")
_OUTSIDE = re.compile(r"(?:url\(\s*|@import\s+)[\"']?((?:https?:)?//[^\s\"')]+)")
_ENDLESS = re.compile(r"animation[^;}]*\binfinite\b")
_MOST_COLOURS = 3
# What a subsite chooses; all other colours are derived from these.
_COLOUR = re.compile(r"(--accent(?:-\d+)?)\s*:")
_CODE = re.compile(r"[0-9A-Za-z]{10}\Z")  # of a site, as the national reporting system gives it


def faults(path: str, page: Read) -> Iterator[str]:
    """What a page lacks or does wrong; which tags it needs is told by what kind of page it says it is."""
    yield from _tags(page)
    yield from _reading(page)
    yield from _around(path, page)
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


def style_faults(css: str) -> Iterator[str]:
    """What a stylesheet does that no page may."""
    if FLOATING.search(css):
        yield "样式中不应有漂浮窗口"
    if _ENDLESS.search(css):
        yield "样式中不应有不停的动画"
    for address in sorted(set(_OUTSIDE.findall(css))):
        yield f"样式引用了外部资源 {address}"
    if (colours := len(set(_COLOUR.findall(css)))) > _MOST_COLOURS:
        yield f"主要颜色不应超过 {_MOST_COLOURS} 种，现有 {colours} 种"


def edition_faults(page: Read, lang: str, other: Read | None) -> Iterator[str]:
    """What is wrong with a page where another one names it as the same in a language; None where none came back."""
    if other is None:
        yield f"打不开 {lang} 版：{unquote(page.editions[lang])}"
        return
    if other.lang != lang:
        yield f"{lang} 版的语言标记是“{other.lang}”：{unquote(page.editions[lang])}"
    if other.editions != page.editions:
        yield f"与 {lang} 版互指的语言版本（hreflang）不一致：{unquote(page.editions[lang])}"


def _around(path: str, page: Read) -> Iterator[str]:
    english = catalog_of("en") if page.lang == "en" else {}
    for mark in MARKS:
        if english.get(mark, mark) not in page.foot:
            yield f"页脚没有“{mark}”"
        elif not _MARK_FORMS.get(mark, _ANYTHING).search(page.foot):
            yield f"页脚的{mark}不是规定的写法"
    if page.metas.get("SiteIDCode", "") not in page.foot:
        yield "页脚的网站标识码与 SiteIDCode 不一致"
    for way in WAYS:
        if english.get(way, way) not in page.text:
            yield f"没有“{way}”入口"
    is_home = "ColumnName" not in page.metas and "ArticleTitle" not in page.metas
    if path == "/" and page.metas.get("SiteDomain", "") not in page.text:
        yield "首页上没有网站域名"
    menu = page.navs.get("主菜单")
    if path == "/" and menu is not None and len(menu) not in _CHANNELS:
        yield f"主菜单应有 5 至 8 项，现有 {len(menu)} 项"
    if not is_home:
        yield from _crumbs(path, page, page.navs.get(english.get("当前位置", "当前位置")))
    yield from _ways(page, is_home=is_home)


def _crumbs(path: str, page: Read, crumbs: list[Link] | None) -> Iterator[str]:
    if crumbs is None:
        yield "没有当前位置"
        return
    here = f"{unquote(path).partition('?')[0].rstrip('/')}/"
    if not crumbs or crumbs[0].href != "/":
        yield "当前位置不从首页开始"
    for link in crumbs:
        if not here.startswith(f"{unquote(link.href).rstrip('/')}/"):
            yield f"当前位置不对：网页不在“{link.words}”（{unquote(link.href)}）中"
    column = page.metas.get("ColumnName", "")
    if column and column not in (link.words for link in crumbs):
        yield f"当前位置中没有本栏目“{column}”"


def _ways(page: Read, *, is_home: bool) -> Iterator[str]:
    if "search" not in page.marks:
        yield "没有搜索框"
    addresses = {link.href for link in page.links}
    if page.metas.get("SiteName", "") not in page.text:
        yield "页面上没有网站名称"
    if not is_home and "/" not in addresses:
        yield "没有返回首页的链接"
    if "main" not in page.marks or "#main" not in addresses:
        yield "没有“跳到正文”的链接"
    if "canonical" not in page.marks:
        yield "没有规范网址（canonical）"
    if "viewport" not in page.metas:
        yield "没有适配手机（viewport）"


def _leading_away(page: Read) -> Iterator[str]:
    own = page.metas.get("SiteDomain", "").removeprefix("www.")
    for link in page.links:
        parts = urlsplit(link.href)
        host = parts.hostname or ""
        is_own = bool(own) and f".{host}".endswith(f".{own}")
        if parts.scheme in ("http", "https") and not host.endswith(GOVERNMENT) and not is_own:
            yield f"链接到非政府网站而没有离开提示：{link.href}"


def _item(page: Read) -> Iterator[str]:
    published = page.metas.get("PubDate", "")
    if published and published not in page.times:
        yield "页面上没有显示发布时间，或与 PubDate 不一致"
    if page.metas["ArticleTitle"] not in (words for level, words in page.headings if level == 1):
        yield "一级标题与 ArticleTitle 不一致"
    if page.metas.get("ContentSource", "") not in page.text:
        yield "页面上没有显示信息来源"
    for mark, name in (
        ("data-print", "打印"),
        ("data-look", "字号"),
        ("data-read", "朗读"),
        ("data-share", "分享"),
    ):
        if mark not in page.marks:
            yield f"没有{name}按钮"


def _reading(page: Read) -> Iterator[str]:
    if not page.title.strip():
        yield "没有网页标题"
    if not page.lang:
        yield "没有语言标记"
    levels = [level for level, _words in page.headings]
    if levels.count(1) != 1:
        yield f"应有一个一级标题，现有 {levels.count(1)} 个"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"标题从 {before} 级跳到 {after} 级"
            break
    for name, times in page.ids.items():
        if times > 1:
            yield f"id 重复：{name}"
    yield from _for_everybody(page)


def _for_everybody(page: Read) -> Iterator[str]:
    if page.without_alt:
        yield f"{page.without_alt} 张图片没有替代文字"
    if page.without_head:
        yield f"{page.without_head} 个表格没有表头"
    if page.unlabelled:
        yield f"{page.unlabelled} 个输入框没有名称"
    for link in page.links:
        if not link.words:
            yield f"链接没有文字：{link.href}"


def _tags(page: Read) -> Iterator[str]:
    needed = [*SITE_TAGS]
    if "ColumnName" in page.metas:
        needed += COLUMN_TAGS
    if "ArticleTitle" in page.metas:
        needed += ITEM_TAGS
    for name in needed:
        if not page.metas.get(name):
            yield f"没有 {name} 标签"
    code = page.metas.get("SiteIDCode")
    if code and not _CODE.match(code):
        yield f"SiteIDCode 应为 10 位字母或数字：{code}"
    published = page.metas.get("PubDate")
    if published and not _PUB_DATE.match(published):
        yield f"PubDate 的格式不对：{published}"
    column = page.metas.get("ColumnType")
    if column and column not in dict(COLUMN_TYPES):
        yield f"ColumnType 不在规定的类型中：{column}"
