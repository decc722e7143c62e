"""A form that is sent twice, by a double click or by loading its answer anew, is done once and answered alike.

Every form of the back office carries a token of its own. With what was typed it makes the mark of one sending: so who
goes back and writes something else in the same form has it done.
"""

from __future__ import annotations

import hashlib
from typing import Any

from pyramid.httpexceptions import HTTPFound

from egov.base.i18n import _
from egov.web.rendering import say_in

FIELD = "once"
_REMEMBERED = 20  # sendings of each session
_REDIRECTS = frozenset({302, 303})


def once_view(view: Any, info: Any) -> Any:
    """Do what a form asks for unless the session has done it already; what was refused may be tried again.

    Views with `once=False` only look something up, and look anew each time.
    """
    if not info.options.get("once", True):
        return view

    def done_once(context: Any, request: Any) -> Any:
        mark = _mark(request)
        if not mark:
            return view(context, request)
        session = request.login_session
        for known, target, messages in session.sent:
            if known == mark:
                _say_again(request, messages)
                return HTTPFound(target)
        before = session.flash
        response = view(context, request)
        said = tuple(message for message in session.flash if message not in before)
        target = response.location if response.status_int in _REDIRECTS else request.once_target
        if target and not any(tone == "danger" for tone, *_rest in said):
            session.sent = (*session.sent, (mark, target, said))[-_REMEMBERED:]
        return response

    return done_once


once_view.options = ("once",)  # type: ignore[attr-defined]


def _mark(request: Any) -> str:
    """What names this sending; empty for what need not be told from another."""
    if request.method != "POST" or request.exception is not None or not request.POST.get(FIELD):
        return ""
    session = request.login_session
    if session is None or session.seen_as:
        return ""
    told = hashlib.sha256(request.path_qs.encode())
    for name, value in request.POST.items():
        if name != "csrf_token":
            told.update(f"\0{name}\0{_told(value)}".encode())
    return told.hexdigest()


def _told(value: Any) -> str:
    if isinstance(value, str | bytes):  # bytes: a control for files in which none was chosen
        return str(value)
    size = value.file.seek(0, 2)
    value.file.seek(0)
    return f"{value.filename}\0{size}"


def _say_again(request: Any, messages: tuple[tuple[str, ...], ...]) -> None:
    session = request.login_session
    told = messages or (("info", say_in(request, _("这一步刚才已经办好，没有重复办理。")), ""),)
    session.flash = (*session.flash, *(m for m in told if m not in session.flash))


def includeme(config: Any) -> None:
    """Around every view, once it is known that the person may and that the form is from here."""
    config.add_view_deriver(once_view, name="once_view", under="csrf_view", over="rendered_view")
