"""A form that was sent after its session had ended is kept until the same person has signed in again.

Only for views that ask for it (`registry.kept_views`), never for those with passwords. Whose it was, the ended session
tells, which its cookie names and whose token the form carries: so no other site and no stranger leaves anything here.
Nothing is done with it by itself: the person gets the form back, with a token of the new session, and sends it again.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from pyramid.tweens import EXCVIEW, MAIN

from egov.base import clock
from egov.model.kept_forms import KEPT_FOR, REGISTER, KeptForm, KeptForms
from egov.model.site import SiteGroup
from egov.web.apart import write_apart
from egov.web.security import cookie_name

log = logging.getLogger(__name__)

FLAG = "egov.kept_form"
MOST_CHARACTERS, MOST_FIELDS = 512_000, 2_000


def note_form(request: Any) -> KeptForm | None:
    """Remember a refused form for the tween to keep; None where it is not to be kept."""
    kept_views = request.registry.kept_views
    if request.method != "POST" or getattr(request, "view_name", "") not in kept_views:
        return None
    user = _whose(request)
    if not user:
        return None
    fields = tuple(
        (name, value)
        for name, value in request.POST.items()
        if isinstance(value, str) and name != "csrf_token"
    )
    files = any(getattr(value, "filename", "") for value in request.POST.values())
    if len(fields) > MOST_FIELDS or sum(len(n) + len(v) for n, v in fields) > MOST_CHARACTERS:
        return None
    form = KeptForm(request.path_qs, request.view_name, fields, files, clock.now())
    request.environ[FLAG] = user, form
    return form


def _whose(request: Any) -> str:
    """Who sent the form: whose ended session it was made in, who may have signed in anew since."""
    sessions, sent = request.site.sessions, str(request.POST.get("csrf_token", ""))
    if request.actor.is_anonymous:
        found = sessions.find(request.cookies.get(cookie_name(request), ""))
        ended = [found] if found is not None else []
    else:
        ended = sessions.of_user(request.login_session.user_id)
    for session in ended:
        user = request.site.directory.user(session.user_id)
        is_own = hmac.compare_digest(session.csrf.encode(), sent.encode())
        is_whole = not session.waits_for_code and not session.seen_as
        if is_own and is_whole and user is not None and not user.disabled:
            return str(session.user_id)
    return ""


def kept_forms(request: Any) -> list[KeptForm]:
    """What this person sent and has not sent again, newest first."""
    known = request.site.registers.get(REGISTER)
    if known is None or request.login_session is None or request.login_session.seen_as:
        return []
    found: list[KeptForm] = known.newest(request.actor.id, clock.now() - KEPT_FOR)
    return found


def forget_form(request: Any) -> None:
    """What has been sent to this address need not be kept any more."""
    known = request.site.registers.get(REGISTER)
    if known is not None:
        known.forget(request.actor.id, request.path_qs)


def kept_forms_tween(handler: Callable, registry: Any) -> Callable:
    """Keep a refused form in a transaction of its own."""

    def tween(request: Any) -> Any:
        response = handler(request)
        found = request.environ.pop(FLAG, None)
        if found is not None:
            try:
                write_apart(registry, partial(_keep, *found))
            except OSError as error:  # a full disk: signing in must still work
                log.warning("form not kept: %s, request %s", error, request.id)
        return response

    return tween


def _keep(user: str, form: KeptForm, site: SiteGroup) -> None:
    site.register(REGISTER, KeptForms).add(user, form)


def includeme(config: Any) -> None:
    """Outside the transaction, which is rolled back; no view is asked for until a face names its own."""
    # Views whose forms are kept, and those of them that fill their forms in again themselves.
    config.registry.kept_views = config.registry.filled_views = frozenset()
    config.add_tween(
        "egov.web.kept_forms.kept_forms_tween",
        under="egov.web.headers.headers_tween",
        over=[EXCVIEW, MAIN],
    )
