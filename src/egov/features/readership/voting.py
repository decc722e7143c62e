"""Is this page useful? An answer by one button, without account or script; and, after a no, why."""

from __future__ import annotations

from hashlib import blake2b
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit

from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound, HTTPSeeOther
from pyramid.traversal import find_resource
from pyramid.view import view_config

from egov.base import clock, ids
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.features.readership.register import NO, REASONS, YES
from egov.model.node import Node
from egov.model.site import SiteGroup
from egov.public.frame import page
from egov.security.policy import permits
from egov.web.urls import public_url
from egov.web.visits import is_machine

REASON_TITLES: dict[str, Message] = {
    "hard": _("看不懂"),
    "missing": _("没有我要找的内容"),
    "old": _("内容过时了"),
    "broken": _("链接或附件打不开"),
}
_ANSWERS = frozenset({YES, NO, *REASONS})
_PER_HOUR = 60  # answers from one address: an office or a hall may share one
_MOST_HEARD = 50_000


class Heard:
    """Who has answered for which page within the hour: as digests under a key of this process, forgotten with it."""

    def __init__(self) -> None:
        self._key = ids.new_token().encode()
        self._hour = 0
        self._heard: dict[bytes, int] = {}
        self._lock = Lock()

    def counts(self, address: str, path: str, said: str) -> bool:
        """Whether this answer counts: the first of its kind, and not one of a flood."""
        hour = clock.micros(clock.now()) // 3_600_000_000
        kind = "reason" if said in REASONS else "answer"
        mine, answer = self._digest(address), self._digest(f"{address} {path} {kind}")
        with self._lock:
            if hour != self._hour or len(self._heard) >= _MOST_HEARD:
                self._hour, self._heard = hour, {}
            self._heard[mine] = self._heard.get(mine, 0) + 1
            is_new = answer not in self._heard
            self._heard[answer] = 1
            return is_new and self._heard[mine] <= _PER_HOUR

    def _digest(self, text: str) -> bytes:
        return blake2b(text.encode(), key=self._key, digest_size=12).digest()


_heard = Heard()


# The page around the button is the same for all visitors and can hold no token. Nothing is done in anybody's name.
@view_config(
    context=SiteGroup,
    name="useful",
    permission=Permission.PUBLIC,
    request_method="POST",
    require_csrf=False,
)
def answer(context: SiteGroup, request: Any) -> Any:
    """Count an answer that was given on a page of this site."""
    said = request.POST.get("said", "")
    if said not in _ANSWERS or not _comes_from_here(request):
        raise HTTPBadRequest
    node = _node_at(context, request, request.POST.get("at", "/"))
    path, visits = public_url(node), request.registry.visits
    is_person = request.actor.is_anonymous and not is_machine(request.user_agent or "")
    if visits is not None and is_person and _heard.counts(request.client_addr or "", path, said):
        visits.add(said, path)
    return HTTPSeeOther(f"/@@useful?{urlencode({'at': path, 'said': said})}")


@view_config(context=SiteGroup, name="useful", permission=Permission.PUBLIC, request_method="GET",
             renderer="templates/useful.pt")  # fmt: skip
def thanks(context: SiteGroup, request: Any) -> dict[str, Any]:
    """Thank for an answer, and ask why after a no."""
    node = _node_at(context, request, request.GET.get("at", "/"))
    shown = page(request, context, context, title=_("这页内容有用吗"))
    about = shown["page"]
    about.crumbs, about.robots = "", "noindex"
    said = request.GET.get("said", "")
    return shown | {
        "about_title": getattr(node, "live_title", "") or node.title,
        "about_url": public_url(node),
        "said": said if said in _ANSWERS else "",
        "reasons": list(REASON_TITLES.items()),
    }


def _comes_from_here(request: Any) -> bool:
    """Whether the browser says that a page of this site sent the form; the oldest ones say nothing."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    return site == "same-origin" and origin in (None, request.host_url, *_behind_proxy(request))


def _behind_proxy(request: Any) -> tuple[str, ...]:
    return (f"https://{request.host}", f"http://{request.host}")


def _node_at(site: SiteGroup, request: Any, path: str) -> Node:
    try:
        found = find_resource(site, urlsplit(path).path if path.startswith("/") else "/")
    except (KeyError, UnicodeDecodeError, ValueError):
        raise HTTPNotFound from None
    if not isinstance(found, Node) or not permits(request.actor, Permission.VIEW, found):
        raise HTTPNotFound
    return found
