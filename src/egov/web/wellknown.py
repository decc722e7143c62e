"""Where to report a weakness: /.well-known/security.txt (RFC 9116)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config

from egov.base import clock
from egov.base.permissions import Permission

_GOOD_FOR = timedelta(days=180)


@view_config(route_name="security_txt", request_method="GET", permission=Permission.PUBLIC)
def security_txt(request: Any) -> Response:
    """The office's address for reports; nothing where it has named none."""
    contact = request.registry.egov.security_contact
    if not contact:
        raise HTTPNotFound
    address = contact if ":" in contact else f"mailto:{contact}"
    expires = (clock.now() + _GOOD_FOR).strftime("%Y-%m-%dT00:00:00Z")
    lines = (f"Contact: {address}", f"Expires: {expires}", "Preferred-Languages: zh, en", "")
    return Response("\n".join(lines), content_type="text/plain", charset="utf-8")
