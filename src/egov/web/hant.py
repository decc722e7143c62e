"""The public pages in Traditional Chinese, under `/zh-hant/…`: the finished pages, every word turned by OpenCC.

Links on them lead on within the edition, but for those that name their language. The page cache keeps them by their
own address, as any other page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from html import escape
from typing import Any

from opencc import OpenCC
from pyramid.httpexceptions import HTTPFound

from egov.web.rendering import SOURCE_LOCALE
from egov.web.urls import LEAVE

PREFIX = "/zh-hant"
_WRITTEN = '<html lang="zh-Hans"'


def _link(lang: str, url: str, name: str) -> str:
    return f'<a hreflang="{lang}" lang="{lang}" href="{url}">{name}</a>'


# Addresses on this site, but for what looks the same everywhere, as styles and feeds do, or belongs to the back office,
# and but for the same page in another language.
_ADDRESS = re.compile(
    r'(\s(?:href|action)="(?<!lang="en" href=")(?<!lang="zh-Han[st]" href=")(?<!lang="x-default" href=")'
    r'(?<!rel="canonical" href="))'
    r'(?=/(?!/|static/|manage|login|-/(?!leave/)|zh-hant[/"]|[^"]*@@[\w-]+\.(?:xml|css)\b))'
)
_CANONICAL = re.compile(r'<link rel="canonical" href="((?:https?://[^/"]+)?)(/[^"]*)">')
_TO_HANT = re.compile(_link("zh-Hant", f'{PREFIX}([^"]*)', "繁體"))


@cache
def _turner() -> OpenCC:
    return OpenCC("s2t")


def is_hant(request: Any) -> bool:
    """Whether the page is asked for in Traditional Chinese."""
    return in_hant(request.environ["PATH_INFO"])


def in_hant(path: str) -> bool:
    """Whether an address lies in the Traditional Chinese edition."""
    return path == PREFIX or path.startswith(PREFIX + "/")


def offers_hant(request: Any) -> bool:
    """Whether the page can be read in Traditional Chinese, too."""
    return not request.is_file or request.registry.egov.export_hant


def hant_tween(handler: Callable, _registry: Any) -> Callable:
    """Turn the pages of the edition; nothing for all others."""

    def tween(request: Any) -> Any:
        if not is_hant(request):
            return handler(request)
        response = handler(request)
        if response.status_int == 200 and request.locale_name != SOURCE_LOCALE:
            return HTTPFound(request.path_qs.removeprefix(PREFIX))  # no Chinese stands there
        if response.location:
            response.location = within(response.location)
        if (response.content_type or "").startswith("text/html"):
            response.text = in_traditional(response.text)
        return response

    return tween


def within(location: str) -> str:
    """Where a redirect leads who reads the edition."""
    outside = ("//", "/static/", "/manage", "/login", "/-/", PREFIX)
    is_ours = location.startswith("/") and not location.startswith(outside)
    return PREFIX + location if is_ours or location.startswith("/-/leave/") else location


def switch(path: str) -> str:
    """The way from a page in Simplified Chinese to the same in Traditional Chinese, as markup."""
    return _link("zh-Hant", PREFIX + escape(path.rstrip("/")), "繁體")


def is_chinese(page: str) -> bool:
    """Whether a finished page is one that the edition has; one in another language is read where it stands."""
    return _WRITTEN in page


def in_traditional(page: str) -> str:
    """A finished page as the edition shows it."""
    page = page.replace(_WRITTEN, '<html lang="zh-Hant"', 1)
    if canonical := _CANONICAL.search(page):
        base, path = canonical.groups()
        for told in (canonical[0], f'content="{base}{path}"', f'"url": "{base}{path}"'):
            page = page.replace(told, told.replace(base + path, base + PREFIX + path))
    page = _TO_HANT.sub(_to_hans, _turner().convert(page))
    return _ADDRESS.sub(rf"\1{PREFIX}", page)


def _to_hans(found: re.Match[str]) -> str:
    return _link("zh-Hans", found[1] or "/", "简体")


def includeme(config: Any) -> None:
    """The route, where all public views answer, too; within the transaction, error pages included."""
    config.add_tween(
        "egov.web.hant.hant_tween",
        under="pyramid_tm.tm_tween_factory",
        over="pyramid.tweens.excview_tween_factory",
    )
    config.add_route("hant_leave", PREFIX + LEAVE)
    config.add_route("hant", PREFIX + "*traverse", use_global_views=True)
