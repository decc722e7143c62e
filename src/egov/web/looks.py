"""How a reader wants pages to look: usual, large, larger, or as the elder edition; kept in a cookie of one word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.view import view_config

from egov.base.permissions import Permission

COOKIE = "egov_look"
USUAL = "usual"
LOOKS = ("large", "larger", "elder")
_FOUND = re.compile(r"(?:^|; ?)egov_look=(large|larger|elder)(?:;|$)")
_A_YEAR = 365 * 24 * 3600


def look_of(environ: Mapping[str, Any]) -> str:
    """The look that a request asks for, or empty; nothing else that stands in the cookie counts."""
    cookies: str = environ.get("HTTP_COOKIE", "")
    if COOKIE not in cookies:
        return ""
    found = _FOUND.search(cookies)
    return found[1] if found else ""


@view_config(route_name="look", permission=Permission.PUBLIC, request_method="GET")
def choose_look(request: Any) -> Any:
    """Keep the choice and go back to the page where it was made; works without script."""
    chosen = request.matchdict["look"]
    if chosen not in (USUAL, *LOOKS):
        raise HTTPNotFound
    response = HTTPFound(page_before(request))
    if chosen == USUAL:
        response.delete_cookie(COOKIE)
    else:
        # Read by the pages' own script too, where they are served as files.
        secure = request.registry.egov.secure_cookies
        response.set_cookie(COOKIE, chosen, max_age=_A_YEAR, samesite="Lax", secure=secure)
    response.headers["Cache-Control"] = "no-store"
    return response


def page_before(request: Any) -> str:
    """The page of this site that the reader came from, or the home page."""
    try:
        before = urlsplit(request.referer or "")
    except ValueError:
        return "/"
    host = request.host_url.partition("://")[2]  # without a port that goes without saying
    if before.netloc != host or not before.path.startswith("/") or before.path[1:2] == "/":
        return "/"
    return f"{before.path}?{before.query}" if before.query else before.path
