"""Who is asking: from the session cookie to an Actor, and Pyramid's questions to our policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from pyramid.security import Allowed, Denied

from egov.base import clock
from egov.base.i18n import told
from egov.base.permissions import Permission
from egov.model.container import Container
from egov.model.node import Node
from egov.security.grants import AUTHENTICATED, EVERYONE, ROLE_TITLES, Grant
from egov.security.policy import permits, permits_duty
from egov.security.principals import ANONYMOUS, Actor, User, actor_for
from egov.web.full_disk import is_sparing

COOKIE = "egov_session"


def cookie_name(request: Any, name: str = COOKIE) -> str:
    """What a cookie is called: over HTTPS so that no other host and no plain HTTP can set it (RFC 6265bis, 4.1.3)."""
    return f"__Host-{name}" if request.registry.egov.secure_cookies else name


def token_of(request: Any) -> str:
    """What the request's cookie says of a session; empty for a visitor."""
    if "HTTP_COOKIE" not in request.environ:
        return ""  # as most visitors; to read cookies would cost them more than this
    return str(request.cookies.get(cookie_name(request), ""))


def session_of(request: Any) -> Any:
    """The live session of the request's cookie, or None; notes at most once a minute that it was seen."""
    token = token_of(request)
    if not token:
        return None
    settings = request.registry.egov
    session = request.site.sessions.find(token)
    idle = timedelta(minutes=settings.session_idle_minutes)
    absolute = timedelta(minutes=settings.session_absolute_minutes)
    if session is None or session.waits_for_code or not session.is_live(idle, absolute):
        return None
    # A window that only says that it is open does not keep its person signed in.
    is_quiet = "X-Background" in request.headers
    if not is_quiet and not is_sparing(request.registry):
        session.touch()
    return session


ROLE_SEEN = "role:"  # before the role, and the uid of the container, that somebody looks with


def actor_of(request: Any) -> Actor:
    """The signed-in person, or ANONYMOUS; a disabled account is nobody."""
    user = _signed_in(request)
    if user is None:
        return ANONYMOUS
    actor = actor_for(user, request.client_addr or "")
    if request.login_session.seen_as:
        return _seen_as(request, actor)
    return actor


def _signed_in(request: Any) -> User | None:
    session = request.login_session
    user = request.site.directory.user(session.user_id) if session is not None else None
    return None if user is None or user.disabled else user


def _seen_as(request: Any, actor: Actor) -> Actor:
    """Whom the person looks as, without duties; themselves once they may no longer look so."""
    seen = request.login_session.seen_as
    if not permits(actor, Permission.GRANT, request.site):
        return actor
    if seen.startswith(ROLE_SEEN):
        return _in_role(request, seen) or actor
    other = request.site.directory.user(seen)
    if other is None or other.disabled:
        return actor
    return replace(actor_for(other, actor.address), duties=frozenset())


def _in_role(request: Any, seen: str) -> Actor | None:
    """Somebody who has one role on one container: the grant is made in a transaction that is always given up."""
    _word, role, uid = seen.split(":")
    node = request.site.catalog.node(int(uid))
    if not isinstance(node, Container):
        return None
    principal = ROLE_SEEN + role
    if request.method in ("GET", "HEAD"):
        request.tm.doom()
        node.grants = (*node.grants, Grant(principal, role, "", clock.now()))
        request.site.catalog.rights_changed()
    name = f"{told(ROLE_TITLES[role])}（{node.title}）"
    return Actor(principal, name, frozenset({EVERYONE, AUTHENTICATED, principal}))


def who_really_asks(request: Any) -> Actor:
    """The person at the keyboard, whomever they look as."""
    user = _signed_in(request)
    return actor_for(user, request.client_addr or "") if user is not None else ANONYMOUS


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
