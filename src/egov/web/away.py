"""While the database server does not answer: nobody waits for it, and everybody is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.tweens import EXCVIEW, MAIN

from egov.storage.away import is_known_away

STILL_ANSWERED = ("/static/", "/-/health", "/-/metrics")


class DatabaseAway(Exception):
    """The connection to the database server is lost."""


def away_tween(handler: Callable, registry: Any) -> Callable:
    """Answer at once where the connection is known to be lost: waiting for it would take all threads."""

    def tween(request: Any) -> Any:
        database = registry._zodb_databases[""]
        is_exempt = request.environ["PATH_INFO"].startswith(STILL_ANSWERED)
        if is_exempt or database is None or not is_known_away(database):
            return handler(request)
        return request.invoke_exception_view((DatabaseAway, DatabaseAway(), None))

    return tween


def includeme(config: Any) -> None:
    """Outside the transaction, which would already ask the server."""
    config.add_tween(
        "egov.web.away.away_tween",
        under="egov.web.headers.headers_tween",
        over=["egov.web.refusals.refusals_tween", "pyramid_tm.tm_tween_factory", EXCVIEW, MAIN],
    )
