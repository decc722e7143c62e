"""A walk through a public site: every page of its map, and whatever they lead to or show of the site's own."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import click
from rich.console import Console
from rich.progress import track
from webob import Request

from egov.public.reading import Read
from egov.public.standards import edition_faults, faults, style_faults

_LOC = re.compile(r"<loc>([^<]+)</loc>")
# Of the back office, elsewhere, made of a page that is looked at, or without end.
_UNSEEN = re.compile(
    r"/(/|manage|login|-/(look|leave)/|zh-hant\b|.*@@(search\?|correct|useful|subscri))"
)
_SECONDS = 20
_SLOW = 3.0  # seconds in which a page is to open
_UNREACHED = 0
_SIMPLIFIED, _TRADITIONAL, _ANY_LANGUAGE = "zh-Hans", "zh-Hant", "x-default"
_MANY = 10  # pages with the same fault, told once


class Answer(NamedTuple):
    """What came back for an address: its status, why there is none, and its text if it has one."""

    status: int
    text: str = ""
    kind: str = ""
    leads: str = ""  # the path of a redirect within the site
    why: str = ""


Fetch = Callable[[str], Answer]


class _Unfollowed(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: where it leads is looked at like any other address."""

    def redirect_request(self, *_args: object, **_kw: object) -> None:
        """There is no next request."""


def fetch_from(base: str) -> Fetch:
    """Ask a running site at an address that begins with http:// or https://."""
    if urlsplit(base).scheme not in ("http", "https"):
        raise click.ClickException("请给出以 http:// 或 https:// 开头的网址。")
    opener = urllib.request.build_opener(_Unfollowed)

    def fetch(path: str) -> Answer:
        asked = urllib.request.Request(base + quote(unquote(path), "/?=&@%"))  # noqa: S310  the person's own
        try:
            with opener.open(asked, timeout=_SECONDS) as answer:
                kind = answer.headers.get_content_type()
                text = answer.read().decode("utf-8", "replace") if _is_text(kind) else ""
                return Answer(answer.status, text, kind)
        except urllib.error.HTTPError as error:
            return Answer(error.code, leads=_path(error.headers.get("Location", ""), base))
        except (OSError, HTTPException) as error:
            return Answer(_UNREACHED, why=str(getattr(error, "reason", error)))

    return fetch


def fetch_within(app: Any) -> Fetch:
    """Ask an application without a server."""

    def fetch(path: str) -> Answer:
        answer = Request.blank(path).get_response(app)
        kind = answer.content_type or ""
        leads = _path(answer.location or "", "http://localhost")
        text = answer.text if _is_text(kind) else ""
        if (close := getattr(answer.app_iter, "close", None)) is not None:
            close()  # files are open until then
        return Answer(answer.status_int, text, kind, leads)

    return fetch


def _path(address: str, base: str) -> str:
    return address.removeprefix(base) if address.startswith((f"{base}/", "/")) else ""


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or kind.endswith("xml")


class Examination:
    """What is wrong with the pages of a site; `pages` counts those that were looked at."""

    def __init__(self, fetch: Fetch, *, is_running: bool) -> None:
        self._fetch, self._is_running = fetch, is_running
        self.pages = 0
        self.found: dict[str, list[str]] = {}
        self._asked: set[str] = set()
        self._first: dict[str, str] = {}  # an address -> the page that named it first
        self._in_one_script: list[str] = []  # pages that name none in Traditional characters
        self._is_in_both = False  # at least one names one

    def run(self) -> None:
        """Look at all; raises ClickException where there is no site map."""
        own = waiting = list(dict.fromkeys(self._mapped()))
        while waiting:
            for path in track(waiting, "检查", console=Console(stderr=True), transient=True):
                self._asked.add(path)
                self._look(path, "" if waiting is own else self._first[path])
            waiting = sorted(self._first.keys() - self._asked)
        for path in self._in_one_script if self._is_in_both else ():
            self._note(path, ["没有繁体版，而其他网页有"])

    def _mapped(self) -> list[str]:
        first = self._fetch("/sitemap.xml")
        if first.status != 200:
            raise click.ClickException(
                f"读不到网站地图 /sitemap.xml（{first.why or first.status}）。"
            )
        return ["/", "/@@sitemap", "/@@search", *_pages_of(self._fetch, first.text)]

    def _look(self, path: str, named_by: str) -> None:
        begun = monotonic()
        answer = self._fetch(path)
        taken = monotonic() - begun
        if answer.status >= 400 or answer.status == _UNREACHED:
            told = f"链接或图片打不开：{unquote(path)}" if named_by else "打不开"
            self.pages += not named_by
            self._note(named_by or path, [f"{told}（{answer.why or answer.status}）"])
        elif answer.leads:
            self._name(answer.leads, path)
        elif answer.kind == "text/css":
            self._note(path, style_faults(answer.text))
        elif answer.kind == "text/html" and answer.status == 200:
            page = Read(answer.text)
            if page.leads and not page.headings:  # a redirect as plain web servers have it
                self._name(page.leads, path)
                return
            self._examine(path, page)
            if self._is_running and taken > _SLOW:
                self._note(path, [f"打开用了 {taken:.1f} 秒"])

    def _examine(self, path: str, page: Read) -> None:
        self.pages += 1
        self._note(path, faults(path, page))
        self._compare(path, page)
        for address in {link.href for link in page.links} | page.loads:
            self._name(address, path)

    def _compare(self, path: str, page: Read) -> None:
        """Look at the page in the other languages that it names."""
        if _TRADITIONAL in page.editions:
            self._is_in_both = True
        elif page.lang == _SIMPLIFIED:
            self._in_one_script.append(path)
        for lang, address in page.editions.items():
            if lang in (page.lang, _ANY_LANGUAGE):
                continue
            told = urlsplit(address)
            answer = self._fetch(f"{told.path or '/'}{'?' if told.query else ''}{told.query}")
            is_there = answer.status == 200 and answer.kind == "text/html"
            other = Read(answer.text) if is_there else None
            self._note(path, edition_faults(page, lang, other))

    def _name(self, address: str, by: str) -> None:
        named = address.partition("#")[0]
        if named.startswith("/") and not _UNSEEN.match(named):
            self._first.setdefault(named, by)

    def _note(self, path: str, told: Iterator[str] | list[str]) -> None:
        if told := list(told):
            self.found.setdefault(path, []).extend(told)


def report(found: dict[str, list[str]], *, is_whole: bool) -> Iterator[str]:
    """What is wrong, as lines: first what many pages have, unless the `whole` is asked for, then page by page."""
    where: dict[str, list[str]] = {}
    for path, told in found.items():
        for fault in dict.fromkeys(told):
            where.setdefault(fault, []).append(path)
    many = {f: paths for f, paths in where.items() if len(paths) > _MANY and not is_whole}
    for fault, paths in sorted(many.items(), key=lambda one: -len(one[1])):
        yield f"{len(paths)} 个网页：{fault}"
        yield f"    如 {'  '.join(map(unquote, paths[:3]))}"
    for path in sorted(found):
        if own := [fault for fault in dict.fromkeys(found[path]) if fault not in many]:
            yield unquote(path)
            yield from (f"    {fault}" for fault in own)


def _pages_of(fetch: Fetch, index: str) -> Iterator[str]:
    for part in _LOC.findall(index):
        told = urlsplit(part)
        for page in _LOC.findall(fetch(f"{told.path}?{told.query}".replace("&amp;", "&")).text):
            yield urlsplit(page).path or "/"
