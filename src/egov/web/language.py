"""The language of the back office, as each person chooses it."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.view import view_config

from egov.base.permissions import Permission
from egov.web.login import safe_target
from egov.web.rendering import LOCALE_COOKIE, LOCALES

_A_YEAR = 365 * 24 * 3600


@view_config(route_name="language", permission=Permission.PUBLIC)
def choose_language(request: Any) -> Any:
    """Remember the language in a cookie and go back."""
    chosen = request.POST.get("lang", "")
    if chosen not in LOCALES:
        raise HTTPNotFound
    response = HTTPFound(safe_target(request.POST.get("came_from", "")))
    response.set_cookie(
        LOCALE_COOKIE,
        chosen,
        max_age=_A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=request.registry.egov.secure_cookies,
    )
    return response
