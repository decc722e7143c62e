"""What no browser sends: addresses that are no text, forms that are none, other methods than those of links and forms.

It is refused before anything stumbles over it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from pyramid.httpexceptions import HTTPMethodNotAllowed

from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.text import check_name
from egov.web.hant import PREFIX, in_hant

METHODS = ("GET", "HEAD", "POST")
_MARK = "egov.ill_formed"
_BOUNDARY = re.compile(r";\s*boundary=\"?[^\s;\"]")


def is_text(environ: dict[str, Any]) -> bool:
    """Whether path and question are UTF-8, as every browser sends them."""
    try:
        environ["PATH_INFO"].encode("latin-1").decode()
        question = environ.get("QUERY_STRING", "")
        if "%" in question or not question.isascii():
            unquote_to_bytes(question.encode("latin-1")).decode()
    except UnicodeError:
        return False
    return True


def ill_formed_tween(handler: Callable, _registry: Any) -> Callable:
    """Refuse other methods; lead an address that is no text to the site in which it lies.

    That site's view is refused then (`refuse_ill_formed`), with all around it in order and in its language.
    """

    def tween(request: Any) -> Any:
        if request.method not in METHODS:
            return HTTPMethodNotAllowed(headers={"Allow": ", ".join(METHODS)})
        environ = request.environ
        if not is_text(environ):
            environ[_MARK], environ["QUERY_STRING"] = True, ""
            environ["PATH_INFO"] = _site_of(environ["PATH_INFO"])
        return handler(request)

    return tween


def _site_of(path: str) -> str:
    # The portal's, where it begins with nothing that anybody may have named.
    edition = PREFIX if in_hant(path) else ""
    first = path.removeprefix(edition).partition("/")[2].partition("/")[0]
    try:
        return f"{edition}/{check_name(first)}"
    except Invalid:
        return edition or "/"


def refuse_ill_formed(request: Any) -> None:
    """Raise Invalid for an address that was no text."""
    if _MARK in request.environ:
        raise Invalid(_("网址中有无法识别的字符。请检查网址，或从首页开始查找。"))


def refuse_ill_formed_body(request: Any) -> None:
    """Raise Invalid for a form that cannot be taken apart; before who may send it is known, so it is not read."""
    kind = request.headers.get("Content-Type", "").lower()
    if kind.startswith("multipart/") and not _BOUNDARY.search(kind):
        raise Invalid(_("发送的表单不完整，没有保存。请返回上一页再试一次。"))
