"""Who else has a text open, so that two people do not find out at saving that they wrote the same."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from egov.base import clock
from egov.base.permissions import Permission
from egov.model.item import Item
from egov.model.presence import Presence, Sign
from egov.model.site import SiteGroup, site_of
from egov.operations.record import require
from egov.security.principals import Actor

MAX_WINDOW = 40  # characters
_WRITTEN_EVERY = 25 * 1_000_000
_GONE = timedelta(seconds=70)  # without a sign; a window gives one every twenty seconds
_IDLE = timedelta(minutes=2)  # without a key


class Other(NamedTuple):
    """Another window in which a text is open."""

    name: str
    writes: bool
    is_own: bool  # another window of the same person


def look_in(item: Item, window: str, *, by: Actor, writes: bool) -> list[Other]:
    """Give a sign of a window in which an item is open, and tell of the others; raises Forbidden without `edit`.

    A sign is written at most every 25 seconds.
    """
    require(by, Permission.EDIT, item)
    site, now = site_of(item), clock.now()
    kept, moment = presence_of(site), clock.micros(now)
    window = window[:MAX_WINDOW]
    before = next((s for u, w, s in kept.of(item.uid) if (u, w) == (by.id, window)), Sign(0, 0))
    kept.note(
        item.uid, by.id, window, Sign(moment, moment if writes else before.wrote), _WRITTEN_EVERY
    )
    gone, idle = clock.micros(now - _GONE), clock.micros(now - _IDLE)
    return [
        Other(site.directory.title_of(f"user:{user}"), sign.wrote >= idle, user == by.id)
        for user, other, sign in kept.of(item.uid)
        if sign.seen >= gone and (user, other) != (by.id, window)
    ]


def leave(item: Item, window: str, *, by: Actor) -> None:
    """Forget a window that was closed; raises Forbidden without `edit`."""
    require(by, Permission.EDIT, item)
    presence_of(site_of(item)).leave(item.uid, by.id, window[:MAX_WINDOW])


def presence_of(site: SiteGroup) -> Presence:
    """The signs of all windows."""
    kept: Presence = site.register("presence", Presence)
    return kept
