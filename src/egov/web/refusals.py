"""Refused attempts of signed-in people stay on record although their transaction is rolled back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from egov.model.node import Node
from egov.model.site import SiteGroup
from egov.security.principals import Actor
from egov.web.apart import write_apart

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
                write_apart(registry, partial(_record, *refused))
            except OSError as error:  # a full disk: the refusal itself must still be answered
                log.warning("refusal not recorded: %s, request %s", error, request.id)
        return response

    return tween


def _record(actor: Actor, uid: int, what: str, site: SiteGroup) -> None:
    node = site.catalog.node(uid)
    site.audit.append(actor, "refused", node, outcome="refused", reason=what)
