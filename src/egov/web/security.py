"""Who is asking: from the session cookie to an Actor, and Pyramid's questions to our policy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pyramid.security import Allowed, Denied

from egov.model.node import Node
from egov.security.policy import permits, permits_duty
from egov.security.principals import ANONYMOUS, Actor, actor_for
from egov.web.full_disk import is_sparing

COOKIE = "egov_session"


def session_of(request: Any) -> Any:
    """The live session of the request's cookie, or None; notes at most once a minute that it was seen."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    settings = request.registry.egov
    session = request.site.sessions.find(token)
    idle = timedelta(minutes=settings.session_idle_minutes)
    absolute = timedelta(minutes=settings.session_absolute_minutes)
    if session is None or session.waits_for_code or not session.is_live(idle, absolute):
        return None
    if not is_sparing(request.registry):
        session.touch()
    return session


def actor_of(request: Any) -> Actor:
    """The signed-in person, or ANONYMOUS; a disabled account is nobody."""
    session = request.login_session
    user = request.site.directory.user(session.user_id) if session is not None else None
    if user is None or user.disabled:
        return ANONYMOUS
    return actor_for(user, request.client_addr or "")


_PERMITTED, _REFUSED = Allowed("permitted"), Denied("not permitted")


class SecurityPolicy:
    """Pyramid's security policy, answered by egov.security.policy."""

    def identity(self, request: Any) -> Actor:
        """The Actor."""
        return request.actor

    def authenticated_userid(self, request: Any) -> str | None:
        """The person's id."""
        return request.actor.id or None

    def permits(self, request: Any, context: Any, permission: str) -> Any:
        """Whether the actor has the permission on the context, or the duty."""
        node = context if isinstance(context, Node) else None
        allowed = (
            permits(request.actor, permission, node)
            if node
            else permits_duty(request.actor, permission)
        )
        return _PERMITTED if allowed else _REFUSED

    def remember(self, request: Any, userid: str, **kw: Any) -> list[tuple[str, str]]:
        """Nothing: the cookie is set where a session is started."""
        return []

    def forget(self, request: Any, **kw: Any) -> list[tuple[str, str]]:
        """Nothing: the cookie is removed where a session is ended."""
        return []
