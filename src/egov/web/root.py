"""The root of traversal: the site group, or a clear word that there is none yet."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPServiceUnavailable

from egov.model.site import SiteGroup
from egov.operations.credentials import needs_second
from egov.operations.setup import ROOT_KEY

STILL_DONE = ("/manage/@@see-as", "/logout", "/language")
OWN_PAGES = ("/manage/@@account", "/manage/@@second-factor", "/manage/@@passkey")


def site_in(connection: Any) -> SiteGroup:
    """The site group of the database; never makes one."""
    site: SiteGroup | None = connection.root().get(ROOT_KEY)
    if site is None:
        raise HTTPServiceUnavailable("No site group in this database yet: run 'egov init'.")
    return site


def _check_only_reads(request: Any) -> None:
    """Who looks as somebody else changes nothing, and does not open that person's own account."""
    path = request.path_info.rstrip("/")
    if path in OWN_PAGES or (request.method not in ("GET", "HEAD") and path not in STILL_DONE):
        raise HTTPFound("/manage")


def root_factory(request: Any) -> SiteGroup:
    """Where traversal begins; who must first set a password of their own gets nowhere else in the back office.

    The same for who has a duty or a role that needs a second factor and has none.
    """
    session = request.login_session
    if session is not None and session.seen_as:
        _check_only_reads(request)
        return request.site
    route = request.matched_route
    if route is not None and route.name == "manage" and request.path_info not in OWN_PAGES:
        user = request.site.directory.user(request.actor.id)
        if user is not None and user.must_change:
            raise HTTPFound("/manage/@@account")
        if user is not None and needs_second(request.site, user, request.registry.egov):
            raise HTTPFound("/manage/@@second-factor")
    return request.site
