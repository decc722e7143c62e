"""A form that was sent after its session had ended is kept until the same person has signed in again.

Only for views that ask for it (`registry.kept_views`), never for those with passwords. Whose it was, the ended session
tells, which its cookie names and whose token the form carries: so no other site and no stranger leaves anything here.
Nothing is done with it by itself: the person gets the form back, with its files and a token of the new session, and
sends it again. Files are kept as far as one upload may reach; the others are told by name.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from pyramid.tweens import EXCVIEW, MAIN

from egov.base import clock
from egov.base.errors import Busy, Invalid
from egov.base.settings import Settings
from egov.model.files import StoredFile
from egov.model.kept_forms import KEPT_FOR, REGISTER, KeptForm, KeptForms
from egov.model.site import SiteGroup
from egov.web.apart import write_apart
from egov.web.security import token_of
from egov.web.uploads import accept_upload

log = logging.getLogger(__name__)

FLAG = "egov.kept_form"
MOST_CHARACTERS, MOST_FIELDS, MOST_FILES = 512_000, 2_000, 30


def note_form(request: Any) -> KeptForm | None:
    """Remember a refused form for the tween to keep; None where it is not to be kept."""
    kept_views = request.registry.kept_views
    if request.method != "POST" or getattr(request, "view_name", "") not in kept_views:
        return None
    user = _whose(request)
    if not user:
        return None
    sent = tuple(
        (name, value)
        for name, value in request.POST.items()
        if name != "csrf_token" and (isinstance(value, str) or getattr(value, "filename", ""))
    )
    words = [(name, value) for name, value in sent if isinstance(value, str)]
    if len(sent) > MOST_FIELDS or sum(len(n) + len(v) for n, v in words) > MOST_CHARACTERS:
        return None
    form = KeptForm(request.path_qs, request.view_name, (), (), clock.now())
    request.environ[FLAG] = user, form, sent
    return form


def has_ended(request: Any) -> bool:
    """Whether somebody sends a form that would be kept: so they may send as much as one who is signed in."""
    if request.view_name not in request.registry.kept_views:
        return False
    return request.site.sessions.find(token_of(request)) is not None


def _whose(request: Any) -> str:
    """Who sent the form: whose ended session it was made in, who may have signed in anew since."""
    sessions, sent = request.site.sessions, str(request.POST.get("csrf_token", ""))
    if request.actor.is_anonymous:
        found = sessions.find(token_of(request))
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


def kept_files(request: Any) -> dict[str, StoredFile]:
    """The files of what this person sent to this address, by their ids."""
    forms = (form for form in kept_forms(request) if form.path == request.path_qs)
    return {file.id: file for form in forms for file in form.files}


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
            _keep(registry, *found)
        return response

    return tween


def _keep(registry: Any, user: str, form: KeptForm, sent: Iterable[tuple[str, Any]]) -> None:
    room = registry.egov.upload_max_bytes if form.view in registry.filled_views else 0

    def keep(room: int, site: SiteGroup) -> None:
        # The files are taken within each attempt: what one gives up has lost their bytes.
        whole = _filled(form, sent, room, registry.egov)
        site.register(REGISTER, KeptForms).add(user, whole)

    for size in (room, 0):  # on a full disk words may still find room
        try:
            write_apart(registry, partial(keep, size))
        except OSError as error:  # signing in must still work
            log.warning("form not kept: %s", error)
        else:
            return


def _filled(
    form: KeptForm, sent: Iterable[tuple[str, Any]], room: int, settings: Settings
) -> KeptForm:
    """The form with what was sent, each file in a blob; those for which there is no room only by name."""
    fields: list[tuple[str, str]] = []
    files: list[StoredFile] = []
    lost: list[str] = []
    for name, value in sent:
        if isinstance(value, str):
            fields.append((name, value))
        elif file := _taken(value, room if len(files) < MOST_FILES else 0, settings):
            room -= file.size
            files.append(file)
            fields.append(("keep", file.id))
        else:
            lost.append(value.filename)
    return form._replace(fields=tuple(fields), lost_files=tuple(lost), files=tuple(files))


def _taken(part: Any, room: int, settings: Settings) -> StoredFile | None:
    if part.file.seek(0, 2) > room:
        return None
    try:
        return accept_upload(part, settings)
    except (Invalid, Busy):
        return None


def includeme(config: Any) -> None:
    """Outside the transaction, which is rolled back; no view is asked for until a face names its own."""
    # Views whose forms are kept, and those of them that fill their forms in again themselves.
    config.registry.kept_views = config.registry.filled_views = frozenset()
    config.add_tween(
        "egov.web.kept_forms.kept_forms_tween",
        under="egov.web.headers.headers_tween",
        over=[EXCVIEW, MAIN],
    )
