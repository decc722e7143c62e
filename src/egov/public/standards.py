"""What the national guideline asks of every public page (国办发〔2017〕47号 with its annex), checked on the markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

SITE_TAGS = ("SiteName", "SiteDomain", "SiteIDCode")
COLUMN_TAGS = ("ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType")
ITEM_TAGS = ("ArticleTitle", "PubDate", "ContentSource")
MARKS = ("主办单位", "联系方式", "网站标识码", "ICP 备案编号", "公安机关备案编号")
_PUB_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d\Z")
_LOADS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


class Read(HTMLParser):
    """One page, read once."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.lang = ""
        self.title = ""
        self.metas: dict[str, str] = {}
        self.headings: list[int] = []
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.without_alt = 0
        self.labels: set[str] = set()
        self.text = ""
        self._in_title = False
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember what the rules ask for."""
        told = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = told.get("lang", "")
        elif tag == "meta" and "name" in told:
            self.metas[told["name"]] = told.get("content", "")
        elif tag == "a" and told.get("href"):
            self.links.add(told["href"])
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))
        if tag == "img" and "alt" not in told:
            self.without_alt += 1
        if tag in _LOADS and told.get("rel") not in ("canonical", "alternate", "prev", "next"):
            self.loads.add(told.get(_LOADS[tag], ""))
        if "aria-label" in told:
            self.labels.add(told["aria-label"])
        self._in_title = tag == "title"

    def handle_data(self, data: str) -> None:
        """Gather the title and the words of the page."""
        if self._in_title:
            self.title += data
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        """The title ends."""
        self._in_title = self._in_title and tag != "title"


def faults(path: str, page: Read) -> Iterator[str]:
    """What a page lacks or does wrong; which tags it needs is told by what kind of page it says it is."""
    yield from _tags(page)
    yield from _reading(page)
    for mark in MARKS:
        if mark not in page.text:
            yield f"页脚没有“{mark}”"
    if "我要纠错" not in page.text:
        yield "没有纠错入口"
    if path.count("/") > 1 and "当前位置" not in page.labels:
        yield "没有当前位置"
    for address in sorted(page.loads):
        if urlsplit(address).netloc:
            yield f"引用了外部资源 {address}"


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
