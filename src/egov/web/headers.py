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
).replace("img-src 'self' data:", "img-src 'self' data: blob:")


def headers_tween(handler: Callable, registry: Any) -> Callable:
    """Add the security headers to whatever comes out."""

    def tween(request: Any) -> Any:
        response = handler(request)
        headers = response.headers
        policy = EDITOR_POLICY if getattr(request, "shows_editor", False) else PUBLIC_POLICY
        headers.setdefault("Content-Security-Policy", policy)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if request.path_info.startswith(("/manage", "/login")):
            headers["Cache-Control"] = "no-store"
        return response

    return tween
