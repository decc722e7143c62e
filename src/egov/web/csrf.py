"""CSRF tokens: kept in the session of who is signed in, in a cookie of who is not."""

from __future__ import annotations

import hmac
from typing import Any

from pyramid.interfaces import ICSRFStoragePolicy
from zope.interface import implementer

from egov.base import ids
from egov.web.cache import never_keep
from egov.web.security import cookie_name

COOKIE = "egov_csrf"


@implementer(ICSRFStoragePolicy)
class CsrfPolicy:
    """Where tokens are kept, and how they are compared."""

    def new_csrf_token(self, request: Any) -> str:
        """A new token for somebody who is not signed in."""
        token = ids.new_token()
        name = cookie_name(request, COOKIE)
        request.cookies[name] = token
        secure = request.registry.egov.secure_cookies

        def set_cookie(request: Any, response: Any) -> None:
            response.set_cookie(name, token, httponly=True, samesite="Lax", secure=secure, path="/")

        request.add_response_callback(set_cookie)
        return token

    def get_csrf_token(self, request: Any) -> str:
        """The token that a form of this request must carry."""
        never_keep(request)
        session = request.login_session
        if session is not None:
            return session.csrf
        return request.cookies.get(cookie_name(request, COOKIE)) or self.new_csrf_token(request)

    def check_csrf_token(self, request: Any, supplied_token: str) -> bool:
        """Whether the token is the one; compares in constant time."""
        return hmac.compare_digest(self.get_csrf_token(request).encode(), supplied_token.encode())
