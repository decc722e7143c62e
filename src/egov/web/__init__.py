"""What both faces stand on: root, identity, CSRF, headers, errors, files, forms, sign-in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyramid.tweens import EXCVIEW, INGRESS, MAIN

from egov.base.permissions import Permission
from egov.base.settings import Settings, read_settings
from egov.model import types
from egov.security.passwords import Rules, use_rules
from egov.web.csrf import CsrfPolicy
from egov.web.security import SecurityPolicy
from egov.web.urls import LEAVE


def includeme(config: Any) -> None:
    """Set the policies, tweens, routes and views that belong to no face."""
    config.include("egov.web.routes")
    settings = config.registry.egov = read_settings(config.registry.settings)
    use_rules(_password_rules(settings))
    config.registry.error_frames = {}  # of each face: what stands around its error pages
    config.add_directive("add_content_type", lambda _config, cls: types.register(cls))
    config.set_security_policy(SecurityPolicy())
    config.set_csrf_storage_policy(CsrfPolicy())
    config.set_default_csrf_options(require_csrf=True, header="X-CSRF-Token")
    for part in ("background", "limits", "template_cache", "visits"):
        config.include(f"egov.web.{part}")
    # A view that names none is closed to all but one duty.
    config.set_default_permission(Permission.SYSTEM)
    # Outermost: the id and the count of every request, then headers on every answer, errors included.
    # Then the record of refusals, which must stand outside the transaction that was rolled back.
    config.add_tween("egov.web.watch.watch_tween", under=INGRESS)
    config.add_tween("egov.web.headers.headers_tween", under="egov.web.watch.watch_tween")
    config.add_tween(
        "egov.web.ill_formed.ill_formed_tween",
        under="egov.web.headers.headers_tween",
        over=[EXCVIEW, MAIN],
    )
    config.add_tween(
        "egov.web.refusals.refusals_tween",
        under="egov.web.ill_formed.ill_formed_tween",
        over=[EXCVIEW, MAIN],
    )
    config.include("egov.web.kept_forms")
    config.include("egov.web.once")
    config.include("egov.web.away")
    # deform carries a jQuery of 2013: nobody shall meet it, not even by serving deform's files.
    config.override_asset(
        to_override="deform:static/scripts/jquery-2.0.3.min.js",
        override_with="egov.web:static/vendor/jquery/jquery.min.js",
    )
    config.add_static_view("static/web", "egov.web:static", cache_max_age=3600)
    _add_routes(config)
    config.scan("egov.web")


def _add_routes(config: Any) -> None:
    config.add_route("favicon", "/favicon.ico")
    config.add_route("security_txt", "/.well-known/security.txt")
    config.add_route("login", "/login")
    config.add_route("code", "/login/code")
    config.include("egov.web.outside")
    config.add_route("reset", "/login/reset/{token}")
    config.add_route("logout", "/logout", request_method="POST")
    config.add_route("language", "/language", request_method="POST")
    config.add_route("picture", "/-/file/{uid:[0-9]{1,18}}/{file}/w{width:[0-9]{1,5}}/{filename}")
    config.add_route("file", "/-/file/{uid:[0-9]{1,18}}/{file}/{filename}")
    config.add_route("leave", LEAVE)
    config.add_route("look", "/-/look/{look:[a-z]{1,10}}")
    config.include("egov.web.preview")
    config.include("egov.web.hant")
    config.add_route("node", "/-/node/{uid:[0-9]{1,18}}")
    for name in ("metrics", "health", "ready"):
        config.add_route(name, f"/-/{name}", factory=lambda _request: None)
    config.add_route("manage", "/manage*traverse")


def _password_rules(settings: Settings) -> Rules:
    leaked = Path(settings.leaked_passwords_file) if settings.leaked_passwords_file else None
    return Rules(settings.password_min_length, settings.password_kinds, leaked)
