"""Releases: drafts that are previewed as one site and go out together; and links by which others see drafts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from persistent import Persistent

from egov.base import clock
from egov.model.btrees import NameTree, UidTree

OPEN, PUBLISHED, ROLLED_BACK = "open", "published", "rolled_back"


class Former(NamedTuple):
    """What an item was before a release published one of its editions."""

    uid: int
    edition: int  # the number of the edition that was published
    live: int  # the number of the live edition before it, 0 for none
    facts: dict[str, Any]  # the attributes that publishing changes


class Release(Persistent):
    """A set of items whose drafts go out together."""

    items: tuple[int, ...] = ()
    state: str = OPEN
    publish_at: datetime | None = None
    done_by: str = ""
    done_at: datetime | None = None
    former: tuple[Former, ...] = ()

    def __init__(self, title: str, by: str) -> None:
        self.key = 0
        self.title = title
        self.by = by
        self.at = clock.now()


class Releases(Persistent):
    """All releases, by a key that grows with time."""

    def __init__(self) -> None:
        self._kept = UidTree()

    def add(self, release: Release) -> Release:
        """Keep a release under a key of its own."""
        release.key = clock.micros(release.at)
        while release.key in self._kept:
            release.key += 1
        self._kept[release.key] = release
        return release

    def get(self, key: int) -> Release | None:
        """The release of that key."""
        found: Release | None = self._kept.get(key)
        return found

    def newest(self) -> Iterator[Release]:
        """All releases, newest first."""
        return reversed(list(self._kept.values()))


class Pass(Persistent):
    """A link by which somebody without an account sees drafts as the public would, and perhaps decides on one."""

    revoked: bool = False

    def __init__(
        self, items: tuple[int, ...], name: str, by: str, until: datetime, may_decide: bool
    ) -> None:
        self.items = items
        self.name = name  # for whom it is
        self.by = by
        self.at = clock.now()
        self.until = until
        self.may_decide = may_decide

    @property
    def is_good(self) -> bool:
        """Whether it still opens anything."""
        return not self.revoked and clock.now() < self.until


class Passes(Persistent):
    """All links, by the hash of their secret; the secret itself is kept nowhere."""

    def __init__(self) -> None:
        self._kept = NameTree()  # hash -> Pass
        self._of = NameTree()  # (uid of an item, hash) -> Pass

    def add(self, key: str, made: Pass) -> None:
        """Keep a link."""
        self._kept[key] = made
        for uid in made.items:
            self._of[uid, key] = made

    def get(self, key: str) -> Pass | None:
        """The link of that hash."""
        found: Pass | None = self._kept.get(key)
        return found

    def of(self, uid: int) -> Iterator[tuple[str, Pass]]:
        """The links to an item, with their hashes."""
        span = self._of.items((uid, ""), (uid + 1, ""), excludemax=True)
        return ((key, made) for (_uid, key), made in span)

    def sweep(self, before: datetime) -> None:
        """Forget the links that ended before a moment."""
        for key, made in [(k, m) for k, m in self._kept.items() if m.until < before]:
            del self._kept[key]
            for uid in made.items:
                self._of.pop((uid, key), None)
