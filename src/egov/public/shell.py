"""The markup of a whole page, cut where a page's own parts stand, and the page that puts its own between."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from secrets import token_hex

from egov.public.languages import editions
from egov.web.hant import switch

# What a page has of its own, in the order of `shell.pt`.
_OWN = ("lang", "look", "title", "head", "layout", "edition", "way", "content", "address", "aside")
_CUT = f"cut-{token_hex(8)}-"  # what nobody can have written
_CUTS = re.compile(rf"{_CUT}(\w+)-")
MARKS = {name: f"{_CUT}{name}-" for name in _OWN}

Shell = tuple[str, ...]


def cut(markup: str) -> Shell:
    """The pieces of a page that was made with MARKS; raises ValueError unless each stands there once, in order."""
    pieces = _CUTS.split(markup)
    if tuple(pieces[1::2]) != _OWN:
        raise ValueError("shell.pt has not each of a page's own parts, once and in order")
    return tuple(pieces[::2])


def meta_tags(tags: Iterable[tuple[str, str]]) -> str:
    """Meta tags as markup."""
    return "\n".join(
        f'<meta name="{name}" content="{escape(str(content))}">' for name, content in tags
    )


@dataclass
class Page:
    """What the master template needs to know of one page; one object, because every name costs each template."""

    title: str
    window_title: str
    crumbs: str
    metas: str
    canonical: str
    shell: Shell
    edit: str = ""  # the link to the page in the back office
    look: str = ""
    layout: str = ""
    robots: str = ""
    lang: str = ""
    path: str = ""  # without the prefix of an edition; none where nobody needs to know of others
    other: str = ""  # where a Chinese page stands in English, or an English one in Chinese
    has_hant: bool = False
    base: str = ""
    previous: str = ""
    next: str = ""

    @property
    def before(self) -> str:
        """The markup before the page's content."""
        doctype, html, title, head, body, ways, middle, main = self.shell[:8]
        way = (
            f'<div class="crumbs">{self.crumbs}{self.edit}</div>'
            if self.crumbs or self.edit
            else ""
        )
        return (
            f"{doctype}{self.lang}{html}{self.look}{title}{escape(self.window_title, quote=False)}"
            f"{head}{self.head}{body}{self.layout}{ways}{self.edition}{middle}{way}{main}"
        )

    @property
    def between(self) -> str:
        """The markup between content and what stands beside it: the address, for who prints the page."""
        return f"{self.shell[8]}{escape(self.canonical)}{self.shell[9]}"

    @property
    def after(self) -> str:
        """The markup after all that."""
        return self.shell[10]

    @property
    def head(self) -> str:
        """The meta tags and links, as markup."""
        rels = ("canonical", self.canonical), ("prev", self.previous), ("next", self.next)
        robots = meta_tags([("robots", self.robots)]) if self.robots else ""
        languages = [
            f'<link rel="alternate" hreflang="{lang}" href="{escape(self.base + path)}">'
            for lang, path in self.editions
        ]
        links = [f'<link rel="{rel}" href="{escape(url)}">' for rel, url in rels if url]
        return "\n".join([self.metas, robots, *links, *languages])

    @property
    def editions(self) -> list[tuple[str, str]]:
        """The languages in which this page can be read, and where; the usual one for who asks for none of them."""
        chinese, english = (self.other, self.path) if self.lang == "en" else (self.path, self.other)
        return editions(chinese, english, self.has_hant)

    @property
    def edition(self) -> str:
        """The way to the other edition of a Chinese page, as markup."""
        is_offered = self.path and self.has_hant and self.lang != "en"
        return f"<li>{switch(self.path)}</li>" if is_offered else ""
