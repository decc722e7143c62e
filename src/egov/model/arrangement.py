"""Arrangement: the blocks of a home or topic page, as the public sees them and as an editor drafts them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from persistent import Persistent

from egov.base import clock

KEPT = 20  # published arrangements that can be brought back


class Block(NamedTuple):
    """One block: what kind it is, how wide, and what its kind asks for."""

    key: int
    kind: str
    width: str
    title: str
    values: Mapping[str, Any]


Blocks = tuple[Block, ...]


class Former(NamedTuple):
    """An arrangement that was published: by whom, and when."""

    at: datetime
    by: str
    blocks: tuple[Block, ...]


class Arrangement(Persistent):
    """The blocks of one container's page."""

    live: tuple[Block, ...] | None = None  # None: the page composes itself
    draft: tuple[Block, ...] | None = None
    changed_at: datetime | None = None
    changed_by: str = ""
    former: tuple[Former, ...] = ()  # the newest last; it is the live one

    def write(self, blocks: tuple[Block, ...], by: str) -> None:
        """Replace the draft."""
        self.draft = blocks
        self.changed_at, self.changed_by = clock.now(), by

    def publish(self, by: str) -> None:
        """Let the draft be what the public sees."""
        if self.draft is not None:
            self.live, self.draft = self.draft, None
            self.former = (*self.former, Former(clock.now(), by, self.live))[-KEPT:]

    def put_back(
        self, draft: Blocks | None, live: Blocks | None, former: tuple[Former, ...], by: str
    ) -> None:
        """Let everything be as it was at another time."""
        self.draft, self.live, self.former = draft, live, former
        self.changed_at, self.changed_by = clock.now(), by

    @property
    def version(self) -> str:
        """A token that changes with every change of the draft."""
        return str(clock.micros(self.changed_at)) if self.changed_at else ""
