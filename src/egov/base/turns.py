"""Taking turns at what needs much memory, so that a process does only so much of it at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from egov.base.errors import Busy
from egov.base.i18n import _


class Turns:
    """Work is let in by its size, in the order of asking; what is small goes past, and what is alone always may.

    `most` is what all of it may come to at once, `small` up to where nobody waits, `seconds` for how long one does.
    """

    def __init__(self, most: int, small: int, seconds: float) -> None:
        self.most, self.small, self.seconds = most, small, seconds
        self._used = 0
        self._waiting: deque[object] = deque()
        self._changed = Condition()

    @contextmanager
    def of(self, size: int) -> Iterator[None]:
        """A turn of a size; raises Busy where none comes in time."""
        if size <= self.small:
            yield
            return
        self._enter(size)
        try:
            yield
        finally:
            with self._changed:
                self._used -= size
                self._changed.notify_all()

    def _enter(self, size: int) -> None:
        mine = object()
        with self._changed:
            self._waiting.append(mine)
            try:
                came = self._changed.wait_for(
                    lambda: self._waiting[0] is mine and self._has_room(size), self.seconds
                )
                if not came:
                    raise Busy(_("服务器正忙，请过一会儿再试"))
                self._used += size
            finally:
                self._waiting.remove(mine)
                self._changed.notify_all()

    def _has_room(self, size: int) -> bool:
        return not self._used or self._used + size <= self.most
