"""Signing in at the identity provider of the office, where one is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.view import view_config

from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.operations.signing_in import log_in_from_outside
from egov.web.login import TEMPLATE, enter, login_page, safe_target
from egov.web.security import cookie_name

if TYPE_CHECKING:
    from egov.security.oidc import Provider

COOKIE = "egov_oidc"
_MINUTES = 10  # for signing in over there
_IDENTITY = "egov.identity"


@view_config(
    route_name="oidc", request_method="GET", renderer=TEMPLATE, permission=Permission.PUBLIC
)
def go(request: Any) -> Any:
    """Send the browser to the provider; what it must bring back stays with it in a cookie."""
    try:
        address, begun = _provider(request).begin(
            _back(request), safe_target(request.params.get("came_from", ""))
        )
    except Invalid as error:
        return login_page(request, error.message)
    response = HTTPFound(address)
    response.set_cookie(
        cookie_name(request, COOKIE), begun.packed(), max_age=_MINUTES * 60, httponly=True,
        samesite="Lax", secure=request.registry.egov.secure_cookies,
    )  # fmt: skip
    return response


@view_config(
    route_name="oidc_back", request_method="GET", renderer=TEMPLATE, permission=Permission.PUBLIC
)
def come_back(request: Any) -> Any:
    """Sign in whom the provider has sent back; what is refused is committed, so that it stays on record."""
    provider, environ = _provider(request), request.environ
    kept = cookie_name(request, COOKIE)
    request.response.delete_cookie(kept)
    try:
        from egov.security.oidc import Begun  # noqa: PLC0415  an office without such a provider does not wait for it

        begun = Begun.unpacked(request.cookies.get(kept, ""))
        if (
            _IDENTITY not in environ
        ):  # a code is good once, and the request may have to be tried again
            environ[_IDENTITY] = provider.finish(begun, request.GET, _back(request))
        started = log_in_from_outside(
            request.site, environ[_IDENTITY], settings=request.registry.egov,
            address=request.client_addr or "", agent=request.user_agent or "",
        )  # fmt: skip
    except Invalid as error:
        return login_page(request, error.message)
    response = enter(request, started, safe_target(begun.came_from if begun else ""))
    response.delete_cookie(kept)
    return response


def _provider(request: Any) -> Provider:
    provider: Provider | None = request.registry.oidc
    if provider is None:
        raise HTTPNotFound
    return provider


def _back(request: Any) -> str:
    base = request.registry.egov.base_url.rstrip("/") or request.host_url
    return f"{base}/login/oidc/back"


def includeme(config: Any) -> None:
    """Make the sources outside that are set; raises Invalid for settings that cannot be meant."""
    settings = config.registry.egov
    config.registry.oidc = config.registry.ldap = None
    if settings.oidc_issuer:
        from egov.security.oidc import Provider  # noqa: PLC0415  only who has one waits for it

        config.registry.oidc = Provider(settings)
    if settings.ldap_uri:
        from egov.security.ldap import LdapDirectory  # noqa: PLC0415  likewise

        config.registry.ldap = LdapDirectory(settings)
    config.registry.oidc_title = settings.oidc_title or _("统一身份认证")
    config.add_route("oidc", "/login/oidc")
    config.add_route("oidc_back", "/login/oidc/back")
