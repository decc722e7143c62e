"""Presence: who has a text open to write in it, in which window, and whether they write."""

from __future__ import annotations

from typing import NamedTuple

from persistent import Persistent

from egov.model.btrees import NameTree


class Sign(NamedTuple):
    """The last signs of a window: that it is open, and that somebody wrote in it; in microseconds."""

    seen: int
    wrote: int


class Presence(Persistent):
    """The signs of all windows, by the uid of the text, the person and the window."""

    def __init__(self) -> None:
        self._signs = NameTree()  # (uid, user, window) -> Sign

    def note(self, uid: int, user: str, window: str, sign: Sign, every: int) -> None:
        """Keep a sign; one that tells little new within `every` microseconds is not written."""
        known = self._signs.get((uid, user, window))
        if known is None or sign.seen - known.seen >= every or sign.wrote - known.wrote >= every:
            self._signs[uid, user, window] = sign

    def of(self, uid: int) -> list[tuple[str, str, Sign]]:
        """The person, window and sign of each window in which a text is open."""
        span = self._signs.items((uid, "", ""), (uid + 1, "", ""), excludemax=True)
        return [(user, window, sign) for (_uid, user, window), sign in span]

    def leave(self, uid: int, user: str, window: str) -> None:
        """Forget a window that was closed."""
        self._signs.pop((uid, user, window), None)

    def sweep(self, before: int) -> None:
        """Forget the windows that gave no sign since a moment in microseconds."""
        for key in [key for key, sign in self._signs.items() if sign.seen < before]:
            del self._signs[key]
