"""Refused attempts of signed-in people stay on record although their transaction is rolled back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import transaction

from egov.model.node import Node
from egov.operations.setup import ROOT_KEY

log = logging.getLogger(__name__)

FLAG = "egov.refused"


def note_refusal(request: Any) -> None:
    """Remember that this request was refused, for the tween to record."""
    context = getattr(request, "context", None)
    uid = context.uid if isinstance(context, Node) else 0
    if not request.actor.is_anonymous and not request.login_session.seen_as:
        request.environ[FLAG] = (request.actor, uid, f"{request.method} {request.path_info}"[:300])


def refusals_tween(handler: Callable, registry: Any) -> Callable:
    """Write the audit record of a refusal in a transaction of its own."""

    def tween(request: Any) -> Any:
        response = handler(request)
        refused = request.environ.pop(FLAG, None)
        if refused is not None:
            try:
                _record(registry._zodb_databases[""], *refused)
            except OSError as error:  # a full disk: the refusal itself must still be answered
                log.warning("refusal not recorded: %s, request %s", error, request.id)
        return response

    return tween


def _record(database: Any, actor: Any, uid: int, what: str) -> None:
    manager = transaction.TransactionManager()
    connection = database.open(manager)
    try:
        site = connection.root()[ROOT_KEY]
        for attempt in manager.attempts(5):
            with attempt:
                site.audit.append(
                    actor, "refused", site.catalog.node(uid), outcome="refused", reason=what
                )
    finally:
        manager.abort()
        connection.close()
