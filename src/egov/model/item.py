"""Item and Edition: what is shown and what is being worked on, side by side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from persistent import Persistent

from egov.base import clock
from egov.base.i18n import Message
from egov.model.btrees import UidTree
from egov.model.desk import Desk
from egov.model.files import StoredFile, files_in
from egov.model.node import Node
from egov.model.release import Former
from egov.model.reviews import Review


class Opinion(NamedTuple):
    """What one person decided on the draft edition, on which bytes, and the state to which that led."""

    by: str
    action: str
    at: datetime
    comment: str
    digest: str
    state: str = ""


class Change(NamedTuple):
    """What the public is told of an update."""

    at: datetime
    text: Message


class Waiver(NamedTuple):
    """Who let an edition pass in spite of the checks, and why."""

    by: str
    reason: str


class Edition(Persistent):
    """One wording of an item; immutable once it is left behind or has been submitted."""

    waiver: Waiver | None = None

    def __init__(self, number: int, values: Mapping[str, Any], author: str) -> None:
        self.number = number
        self.values = dict(values)
        self.authors: tuple[str, ...] = (author,)
        self.created = clock.now()

    def write(self, values: Mapping[str, Any], author: str) -> None:
        """Replace the values in place; only operations that have checked the state may call this."""
        self.values = dict(values)
        self.waiver = None  # it was for other words
        if author not in self.authors:
            self.authors = (*self.authors, author)

    def digest(self) -> str:
        """SHA-256 over the values in a canonical form, files by their own digests."""
        canonical = json.dumps(self.values, default=_plain, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def file(self, file_id: str) -> StoredFile | None:
        """The stored file of that id, if this edition holds it."""
        return next((f for f in files_in(self.values) if f.id == file_id), None)


def _plain(value: object) -> str:
    if isinstance(value, StoredFile):
        return f"{value.filename}:{value.digest}"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no canonical form for {type(value).__name__}")


# What publishing changes, besides the editions themselves.
_PUBLISHED = (
    "draft_state", "live_state", "live_title", "published_at", "updated_at", "notice", "opinions",
    "changes", "forced",
)  # fmt: skip


SUPERSEDED = "superseded"  # the validity of what another has taken the place of


class Item(Node):
    """A content object with at most one live and at most one draft edition."""

    live: Edition | None = None
    draft: Edition | None = None
    live_state: str = ""
    draft_state: str = ""
    live_title: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    editions: UidTree | None = None  # editions left behind, by number
    opinions: tuple[
        Opinion, ...
    ] = ()  # on the draft, or on the live edition when there is no draft
    publish_at: datetime | None = None  # when the draft is to be published
    expire_at: datetime | None = None  # when the item is to be taken down
    notice: str = ""  # the public reason of a withdrawal
    changes: tuple[Change, ...] = ()  # what the public is told of updates, oldest first
    superseded_by: int = 0  # the uid of what takes its place
    forced: Opinion | None = None  # who published it without review, which is still to come
    review: Review | None = None  # when it is to be looked at again, and by whom
    desk: Desk | None = None  # what is said about it while it is worked on

    @property
    def work(self) -> Edition:
        """The edition at work: the draft, or else the live one."""
        edition = self.draft or self.live
        if edition is None:
            raise RuntimeError(f"{self!r} has no edition")
        return edition

    @property
    def validity(self) -> str:
        """How far what the public sees is valid, whatever it says itself: not where something has taken its place."""
        if self.superseded_by:
            return SUPERSEDED
        told: str = (self.live.values.get("validity") if self.live is not None else None) or ""
        return told

    def edition(self, number: int) -> Edition | None:
        """The edition of that number, wherever it stands."""
        for current in (self.draft, self.live):
            if current is not None and current.number == number:
                return current
        return self.editions.get(number) if self.editions is not None else None

    def all_editions(self) -> list[Edition]:
        """All editions, newest first."""
        found = {e.number: e for e in (self.editions or {}).values()}
        found.update({e.number: e for e in (self.live, self.draft) if e is not None})
        return [found[number] for number in sorted(found, reverse=True)]

    def begin_draft(self, edition: Edition, state: str) -> None:
        """Put a new draft edition to work in its start state; a draft that stood here is left behind."""
        if self.draft is not None:
            self.leave_behind(self.draft)
        self.draft = edition
        self.opinions = ()
        self.enter(state, live=False)
        self.title = edition.values.get("title") or self.title

    def next_number(self) -> int:
        """The number of the next edition."""
        return max((e.number for e in self.all_editions()), default=0) + 1

    def leave_behind(self, edition: Edition) -> None:
        """Keep an edition among the older ones."""
        if self.editions is None:
            self.editions = UidTree()
        self.editions[edition.number] = edition

    @property
    def known_title(self) -> str:
        """The title for who may only see what is public; the draft's where nothing ever was."""
        return self.live_title or self.title

    def publish_draft(self, state: str, at: datetime, *, minor: bool = False) -> None:
        """Let the draft edition become the live one; the live one before it is left behind.

        After a minor change the time of the last update stays as it was.
        """
        if self.draft is not None:
            if self.live is not None:
                self.leave_behind(self.live)
            self.live, self.draft, self.draft_state = self.draft, None, ""
        if not (minor and self.updated_at):
            self.updated_at = at
        self.published_at = self.published_at or at
        self.live_title = self.live.values.get("title", "") if self.live else ""
        self.notice = ""
        self.enter(state, live=True)

    def former(self) -> Former:
        """What there is to put back, should the draft that is about to be published be taken back."""
        live = self.live.number if self.live is not None else 0
        return Former(
            self.uid, self.work.number, live, {name: getattr(self, name) for name in _PUBLISHED}
        )

    def put_back(self, former: Former) -> None:
        """Let the published edition be a draft again, and what was live before it live, as it was."""
        self.draft = self.live
        self.live = self.edition(former.live) if former.live else None
        if self.editions is not None:
            self.editions.pop(former.live, None)
        for name, value in former.facts.items():
            setattr(self, name, value)
        self.enter(self.draft_state, live=False)

    def enter(self, state: str, *, live: bool) -> None:
        """Set the state of one lane; `state` follows the edition at work."""
        if live:
            self.live_state = state
        else:
            self.draft_state = state
        self.state = self.draft_state or self.live_state
