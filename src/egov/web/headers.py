"""Headers on every answer: what a browser may load, and what it may not guess."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PUBLIC_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# The rich-text editor writes style attributes and builds its own frame; its pages alone may have them.
EDITOR_POLICY = PUBLIC_POLICY.replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
).replace("img-src 'self' data:", "img-src 'self' data: blob:; frame-src 'self'")


# A page that shows another of this site in a frame, as a preview.
FRAMING_POLICY = PUBLIC_POLICY + "; frame-src 'self'"

_ALWAYS = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
]
_POLICY = "Content-Security-Policy"
_PICTURES = "img-src 'self'"


def _let_be_framed(response: Any) -> None:
    """Let a preview stand in a frame of this site, beside the form of what it shows."""
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    policy = response.headers[_POLICY].replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    response.headers[_POLICY] = policy


def headers_tween(handler: Callable, registry: Any) -> Callable:
    """Add the security headers to whatever comes out."""
    always = list(_ALWAYS)
    if registry.egov.secure_cookies:
        always.append(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))

    host = registry.egov.media_host
    allowed = f"{_PICTURES} {host}" if host else _PICTURES
    public, editor, framing = (
        (_POLICY, policy.replace(_PICTURES, allowed))
        for policy in (PUBLIC_POLICY, EDITOR_POLICY, FRAMING_POLICY)
    )

    def tween(request: Any) -> Any:
        response = handler(request)
        headers = response.headerlist
        if _POLICY not in dict(headers):
            usual = framing if request.shows_frame else public
            headers.append(editor if request.shows_editor else usual)
        headers.extend(always)
        if request.preview is not None:
            _let_be_framed(response)
        if request.environ["PATH_INFO"].startswith(("/manage", "/login")):
            response.headers["Cache-Control"] = "no-store"
        return response

    return tween
