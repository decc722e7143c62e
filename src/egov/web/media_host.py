"""A host of its own for files, where a browser has no session that what is in a file could use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pyramid.httpexceptions import HTTPFound

_FILES = "/-/file/"
_SAFE = ("GET", "HEAD")


class MediaHost:
    """A WSGI application around another: on the host of files it answers for nothing else, and knows nobody."""

    def __init__(self, application: Any, host: str) -> None:
        self.application, self._host = application, host
        # So that scripts find it where it was.
        self.registry = getattr(application, "registry", None)

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        """Answer for a file as to a visitor."""
        if environ.get("HTTP_HOST", "").lower() != self._host:
            answer: Iterable[bytes] = self.application(environ, start_response)
            return answer
        is_file = environ["PATH_INFO"].startswith(_FILES)
        if not is_file or environ["REQUEST_METHOD"] not in _SAFE:
            start_response(
                "404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")]
            )
            return []
        environ.pop("HTTP_COOKIE", None)
        visitors: Iterable[bytes] = self.application(environ, start_response)
        return visitors


def lead_to_media_host(request: Any) -> None:
    """Raise HTTPFound for a file that everybody may have, where another host gives it."""
    host = request.registry.egov.media_host
    if host and request.host.lower() != host:
        raise HTTPFound(f"{request.scheme}://{host}{request.path_qs}")
