"""Limits on what is sent: how much at once, and how often from one address.

Counted in each process by itself, so that a flood never reaches the database; what must hold across processes, such as
failed sign-ins, is counted there.
"""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import Any

from pyramid.httpexceptions import HTTPRequestEntityTooLarge, HTTPTooManyRequests

from egov.base import clock
from egov.web.ill_formed import refuse_ill_formed, refuse_ill_formed_body
from egov.web.kept_forms import has_ended

READING = frozenset({"GET", "HEAD"})
MOST_ADDRESSES = 50_000  # remembered at once; a flood from more of them is the network's work


class Frequency:
    """How often each address has sent something within the present minute."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._minute = 0
        self._sent: Counter[str] = Counter()
        self._lock = Lock()

    def allows(self, address: str) -> bool:
        """Count one more from an address; whether it is within the limit, which 0 means there is none."""
        if not self._per_minute:
            return True
        minute = clock.micros(clock.now()) // 60_000_000
        with self._lock:
            if minute != self._minute or len(self._sent) >= MOST_ADDRESSES:
                self._minute, self._sent = minute, Counter()
            self._sent[address] += 1
            return self._sent[address] <= self._per_minute


def limited_view(view: Any, info: Any) -> Any:
    """Check the limits before a form is read; raises HTTPRequestEntityTooLarge or HTTPTooManyRequests."""

    def limited(context: Any, request: Any) -> Any:
        if request.exception is None:
            _check_frequency(request)
            refuse_ill_formed(request)
            if request.method not in READING:
                _check(request)
                refuse_ill_formed_body(request)
        return view(context, request)

    return limited


def _check_frequency(request: Any) -> None:
    """Whoever asks, signed in or not; pages that are kept in front cost nothing and are not counted."""
    if not request.registry.all_requests.allows(request.client_addr or ""):
        raise HTTPTooManyRequests


def _check(request: Any) -> None:
    settings = request.registry.egov
    is_anonymous = request.actor.is_anonymous
    is_small = is_anonymous and not has_ended(request)
    most = settings.anonymous_max_bytes if is_small else settings.request_max_bytes
    if (request.content_length or 0) > most:
        raise HTTPRequestEntityTooLarge
    if is_anonymous and not request.registry.frequency.allows(request.client_addr or ""):
        raise HTTPTooManyRequests


def includeme(config: Any) -> None:
    """Put the limits before every view."""
    config.registry.frequency = Frequency(config.registry.egov.anonymous_posts_per_minute)
    config.registry.all_requests = Frequency(config.registry.egov.requests_per_minute)
    config.add_view_deriver(limited_view, name="limited_view", over="secured_view", under="INGRESS")
