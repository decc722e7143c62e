"""The public pages in Traditional Chinese, under `/zh-hant/…`: the same pages, every word turned by OpenCC.

Links on them lead on within the edition. The page cache keeps them by their own address, as any other page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from opencc import OpenCC
from pyramid.httpexceptions import HTTPFound

from egov.web.rendering import SOURCE_LOCALE
from egov.web.urls import LEAVE

PREFIX = "/zh-hant"
# Stands before an address that leads out of the edition, to the same page as it was written.
OUT = "/-/hans"

# Addresses on this site, but for what looks the same everywhere, as styles and feeds do, or belongs to the back office.
_ADDRESS = re.compile(
    rb'(\s(?:href|action)=")(/(?!/|static/|manage|login|-/(?!leave/)|zh-hant/|zh-hant"|[^"]*@@[\w-]+\.(?:xml|css)\b))'
)


@cache
def _turner(table: str) -> OpenCC:
    return OpenCC(table)


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
        _ask_in_simplified(request)
        response = handler(request)
        if response.status_int == 200 and request.locale_name != SOURCE_LOCALE:
            return HTTPFound(request.path_qs.removeprefix(PREFIX))  # no Chinese stands there
        if response.location and response.location.startswith("/") and _ours(response.location):
            response.location = PREFIX + response.location
        if (response.content_type or "").startswith("text/html"):
            response.body = _turned(response.body)
        return response

    return tween


def _ask_in_simplified(request: Any) -> None:
    # What was written is simplified, and so is the search index.
    try:
        question = request.GET.get("q")
    except UnicodeDecodeError:
        return  # the view says what it thinks of it
    if question:
        request.GET["q"] = _turner("t2s").convert(question)


def _ours(location: str) -> bool:
    outside = ("//", "/static/", "/manage", "/login", "/-/", PREFIX)
    return location.startswith("/-/leave/") or not location.startswith(outside)


def _turned(body: bytes) -> bytes:
    turned = _turner("s2t").convert(body.decode("utf-8")).encode()
    within = _ADDRESS.sub(rb"\1" + PREFIX.encode() + rb"\2", turned)
    return within.replace(OUT.encode(), b"")


def includeme(config: Any) -> None:
    """The route, where all public views answer, too; within the transaction, error pages included."""
    config.add_tween(
        "egov.web.hant.hant_tween",
        under="pyramid_tm.tm_tween_factory",
        over="pyramid.tweens.excview_tween_factory",
    )
    config.add_route("hant_leave", PREFIX + LEAVE)
    config.add_route("hant", PREFIX + "*traverse", use_global_views=True)
