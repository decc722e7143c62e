"""How far the upgrade steps have come, kept in the root of the database itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from persistent import Persistent

KEY = "evolved"


class Done(NamedTuple):
    """A step that is finished: when, and how many things it has looked at."""

    number: int
    at: datetime | None  # None: the database was made with it
    things: int


class Evolution(Persistent):
    """The steps that are done, and the place that the one at work has reached."""

    step: int = 0  # the one at work
    key: int | None = None  # the last key of it that is done
    things: int = 0  # how many so far

    def __init__(self) -> None:
        self.done: tuple[Done, ...] = ()

    def is_done(self, number: int) -> bool:
        """Whether a step is finished."""
        return any(entry.number == number for entry in self.done)

    def reach(self, step: int, key: int | None, things: int) -> None:
        """Note that a step has come to a key."""
        self.step, self.key, self.things = step, key, things

    def finish(self, number: int, at: datetime | None) -> None:
        """Note that a step is finished."""
        self.done = (*self.done, Done(number, at, self.things if number == self.step else 0))
        self.step, self.key, self.things = 0, None, 0


def evolution_of(root: Any) -> Evolution:
    """The record of a database; an empty one, not yet kept, for a database from before there was any."""
    found: Evolution | None = root.get(KEY)
    return found if found is not None else Evolution()
