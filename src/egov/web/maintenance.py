"""Maintenance: while a file stands, every page answers with a word about it (503), in front of everything else.

`egov maintenance on` writes the file, with what people are told; `egov maintenance off` takes it away. No process is
started anew, and nothing is asked of the database, which may be away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from egov.base.i18n import _
from egov.web.headers import PUBLIC_POLICY
from egov.web.rendering import LANG, SOURCE_LOCALE, template_at, translator_for

_TEMPLATE = str(Path(__file__).parent / "templates/error.pt")
_ANSWERED = ("/static/", "/-/health", "/-/metrics")
_RETRY_SECONDS = "600"

Start = Callable[..., Any]


def maintenance_page(told: str) -> bytes:
    """The page that people see meanwhile."""
    markup: str = template_at(_TEMPLATE, SOURCE_LOCALE).render(
        title=_("网站正在维护"),
        message=told or _("暂时不能访问，请稍后再来。"),
        home="",
        lang=LANG[SOURCE_LOCALE],
        translate=translator_for(SOURCE_LOCALE),
    )
    return markup.encode()


class Maintenance:
    """A WSGI application around another, that steps in while a file stands."""

    def __init__(self, application: Any, flag: str) -> None:
        self.application = application
        self.registry = getattr(application, "registry", None)
        self._flag = Path(flag)

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Answer with the page, or hand the request on."""
        if environ["PATH_INFO"].startswith(_ANSWERED) or not self._flag.exists():
            answer: Iterable[bytes] = self.application(environ, start_response)
            return answer
        try:
            told = self._flag.read_text("utf-8").strip()
        except OSError:
            told = ""
        body = maintenance_page(told)
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Retry-After", _RETRY_SECONDS),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", PUBLIC_POLICY),
            ("X-Content-Type-Options", "nosniff"),
        ]
        start_response("503 Service Unavailable", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
