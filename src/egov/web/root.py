"""The root of traversal: the site group, or a clear word that there is none yet."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPServiceUnavailable
from pyramid_zodbconn import get_connection

from egov.model.site import SiteGroup
from egov.operations.setup import ROOT_KEY


def site_of_request(request: Any) -> SiteGroup:
    """The site group of the database; never makes one."""
    site = get_connection(request).root().get(ROOT_KEY)
    if site is None:
        raise HTTPServiceUnavailable("No site group in this database yet: run 'egov init'.")
    return site


def root_factory(request: Any) -> SiteGroup:
    """Where traversal begins."""
    return request.site
