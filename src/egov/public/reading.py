"""What the rules for public pages need to know of a page, read once from its markup."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from typing import NamedTuple

FLOATING = re.compile(r"position\s*:\s*(fixed|sticky)")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|text-indent\s*:\s*-"
)
_FIXED_SIZE = re.compile(r"user-scalable\s*=\s*(no|0)|maximum-scale\s*=\s*1(\.0*)?\s*(,|$)")
_LOADS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
_NOT_LOADED = ("canonical", "alternate", "prev", "next")
_UNWANTED = {
    "marquee": "滚动字幕",
    "blink": "闪烁文字",
    "iframe": "内嵌网页",
    "embed": "内嵌程序",
    "object": "内嵌程序",
}
_SILENT = frozenset({"script", "style", "title"})
_FILLED = frozenset({"input", "select", "textarea"})
_NEED_NO_LABEL = frozenset({"hidden", "submit", "button", "image", "reset"})


class Link(NamedTuple):
    """A link: where it leads, and what it says; a picture in it speaks by its alternative text."""

    href: str
    words: str


class Read(HTMLParser):
    """One page, read once."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.lang = ""
        self.title = ""
        self.leads = ""  # where the page leads on to by itself
        self.metas: dict[str, str] = {}
        self.headings: list[tuple[int, str]] = []
        self.links: list[Link] = []
        self.editions: dict[str, str] = {}  # where the same stands in which language
        self.loads: set[str] = set()
        self.without_alt = 0
        self.without_head = 0  # tables
        self.labels: set[str] = set()
        self.ids: Counter[str] = Counter()
        self.marks: set[str] = set()  # what else stands in the page: tags, rels, roles, data-…
        self.unwanted: set[str] = set()
        self.times: list[str] = []
        self.text = ""
        self.foot = ""  # the words of the footer
        self.navs: dict[str, list[Link]] = {}  # the links of each by its name
        self._open = ""
        self._heading: list[str] | None = None
        self._link: list[str] | None = None
        self._in_label = self._in_foot = False
        self._nav = ""  # the name of the one that is open
        self._labelled: set[str] = set()  # ids that labels name
        self._fields: list[str] = []  # ids of what is filled in and has no label around it
        self._heads: list[bool] = []  # of each table that is open, whether it has a heading
        self.feed(markup)
        self.close()

    @property
    def unlabelled(self) -> int:
        """How many fields no label names."""
        return sum(1 for one in self._fields if one not in self._labelled)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember what the rules ask for."""
        told = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = told.get("lang", "")
        elif tag == "meta":
            self._meta(told)
        elif tag == "link" and told.get("hreflang"):
            self.editions[told["hreflang"]] = told.get("href", "")
        elif tag == "a" and told.get("href"):
            self.links.append(Link(told["href"], ""))
            is_silent = told.get("aria-hidden") == "true"  # another link beside it says the same
            self._link = ["-" if is_silent else told.get("aria-label", "") or told.get("title", "")]
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append((int(tag[1]), ""))
            self._heading = []
        elif tag == "footer":
            self._in_foot = True
        elif tag == "nav":
            self._nav = told.get("aria-label", "")
            self.navs.setdefault(self._nav, [])
        self._picture(tag, told)
        self._form(tag, told)
        self._table(tag)
        self._mark(tag, told)
        self._look_for_unwanted(tag, told)
        self._open = tag

    def _meta(self, told: dict[str, str]) -> None:
        if "name" in told:
            self.metas[told["name"]] = told.get("content", "")
        if told.get("name") == "viewport" and _FIXED_SIZE.search(told.get("content", "")):
            self.unwanted.add("对放大的限制")
        if told.get("http-equiv", "").lower() == "refresh":
            self.unwanted.add("自动跳转")
            self.leads = told.get("content", "").partition("url=")[2]

    def _picture(self, tag: str, told: dict[str, str]) -> None:
        if tag == "img":
            self.without_alt += "alt" not in told
            if self._link is not None:
                self._link.append(told.get("alt", ""))
        if tag in _LOADS and told.get("rel") not in _NOT_LOADED:
            self.loads.add(told.get(_LOADS[tag], ""))

    def _form(self, tag: str, told: dict[str, str]) -> None:
        if tag == "label":
            self._in_label = True
            self._labelled.add(told.get("for", ""))
        has_name = self._in_label or "aria-label" in told or "aria-labelledby" in told
        if tag in _FILLED and told.get("type", "text") not in _NEED_NO_LABEL and not has_name:
            self._fields.append(told.get("id", "") or "?")

    def _table(self, tag: str) -> None:
        if tag == "table":
            self._heads.append(False)
        elif tag == "th" and self._heads:
            self._heads[-1] = True

    def _mark(self, tag: str, told: dict[str, str]) -> None:
        if "aria-label" in told:
            self.labels.add(told["aria-label"])
        if "id" in told:
            self.ids[told["id"]] += 1
        data = (name for name in told if name.startswith("data-"))
        self.marks |= {tag, told.get("rel", ""), told.get("role", ""), *data}

    def _look_for_unwanted(self, tag: str, told: dict[str, str]) -> None:
        if tag in _UNWANTED:
            self.unwanted.add(_UNWANTED[tag])
        if "autoplay" in told:
            self.unwanted.add("自动播放")
        style = told.get("style", "")
        if FLOATING.search(style):
            self.unwanted.add("漂浮窗口")
        if _HIDDEN.search(style):
            self.unwanted.add("隐藏的内容（暗链）")
        if any(name.startswith("on") for name in told):
            self.unwanted.add("弹出或行内脚本")
        if told.get("tabindex", "").isdigit() and int(told["tabindex"]) > 0:
            self.unwanted.add("打乱的键盘次序")

    def handle_data(self, data: str) -> None:
        """Gather the title, the times and the words of the page."""
        if self._open == "title":
            self.title += data
        elif self._open == "time":
            self.times.append(data.strip())
        for said in (self._heading, self._link):
            if said is not None:
                said.append(data)
        if self._open not in _SILENT:
            self.text += data
            self.foot += data if self._in_foot else ""

    def handle_endtag(self, tag: str) -> None:
        """What was open ends."""
        self._open = ""
        if tag == "a" and self._link is not None:
            self.links[-1] = self.links[-1]._replace(words="".join(self._link).strip())
            self._link = None
            if self._nav:
                self.navs[self._nav].append(self.links[-1])
        elif tag == "label":
            self._in_label = False
        elif tag == "footer":
            self._in_foot = False
        elif tag == "nav":
            self._nav = ""
        elif tag == "table" and self._heads:
            self.without_head += not self._heads.pop()
        elif self._heading is not None and tag == f"h{self.headings[-1][0]}":
            self.headings[-1] = self.headings[-1][0], "".join(self._heading).strip()
            self._heading = None
