"""Deeds: what an operation changed on a node, kept with its entry in the trail, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from zlib import crc32

from persistent import Persistent

from egov.history.trail import Entry
from egov.model.arrangement import Block, Former
from egov.model.container import Container
from egov.model.files import StoredFile
from egov.model.item import Edition, Item
from egov.model.node import Node
from egov.model.site import SiteGroup, site_of

PLACE = ("parent", "name", "position")
RULES = ("grants", "inherits")
TIMES = ("publish_at", "expire_at")
CONTENT = (
    "live", "draft", "live_state", "draft_state", "live_title", "published_at", "updated_at", "notice",
    "opinions", "changes", "forced", "superseded_by",
)  # fmt: skip
BLOCKS = ("blocks", "live_blocks", "former_blocks")
GUIDE = ("synonyms", "pins")
ASSIGNMENT, OWNER, REVIEW, WAIVER = "assignment", "owner", "review", "waiver"
DESK = (ASSIGNMENT, OWNER, REVIEW, WAIVER, *BLOCKS, *GUIDE)
WORDS = "words"
# What follows from the rest, or goes on being written without an entry of its own (autosave).
_UNCOMPARED = frozenset({"position", "title", WORDS})

_LOOKED_BACK = 100
_SMALL = frozenset({*PLACE, *RULES, *TIMES, "title", "state", ASSIGNMENT, OWNER, REVIEW})

Facts = dict[str, Any]


class Undone(NamedTuple):
    """Who took a deed back, and when."""

    by: str
    at: datetime


class Deed:
    """The facts that an operation changed on a node, as they were before; `mark` tells them as it left them.

    A small one is part of the trail, so that a rename or a grant writes no object more for it.
    """

    undone: Undone | None = None
    undoes: int = 0  # the key of the entry that this one took back
    # What went with it elsewhere: the uid of each node and the key of the entry in its trail.
    fallen: tuple[tuple[int, int], ...] = ()

    def __init__(self, before: Facts, after: Facts) -> None:
        self.before = before
        self.mark = mark_of(before, after)

    def is_as_left(self, now: Facts) -> bool:
        """Whether what it changed is still as it left it."""
        return self.mark == mark_of(self.before, now)


class StoredDeed(Persistent, Deed):
    """A deed with words or settings in it: an object of its own, read only where somebody looks back."""

    def rewrite(self, before: Facts, after: Facts) -> None:
        """Tell of more that the same work has changed."""
        self.before = before
        self.mark = mark_of(before, after)


def deed(before: Facts, after: Facts) -> Deed:
    """What an operation changed, kept as fits its size."""
    return (Deed if _SMALL.issuperset(before) else StoredDeed)(before, after)


def amend(node: Node, key: int, **changes: Any) -> None:
    """Change what is known of a deed in a node's trail."""
    entry: Entry = node.log[key]
    for name, value in changes.items():
        setattr(entry.deed, name, value)
    node.log[key] = entry._replace()  # another object: a small deed is written with its trail


def facts(node: Node, names: Iterable[str] = ()) -> Facts:
    """Everything about a node that an operation may change and undoing may put back.

    What it may have many of (see `part`) is among it only where `names` asks for it.
    """
    found: Facts = {
        "parent": node.__parent__.uid if node.__parent__ is not None else 0,
        "name": node.__name__,
        "position": node.position,
        "title": node.title,
        "grants": node.grants,
        "inherits": node.inherits,
    }
    if isinstance(node, Container):
        found |= {"state": node.state, "values": node.values, "workflows": node.workflows}
        page = node.arrangement
        shown = (page.draft, page.live, page.former) if page is not None else (None, None, ())
        found |= zip(BLOCKS, shown, strict=True)
    if isinstance(node, SiteGroup):
        found |= {name: getattr(node.guide, name) for name in GUIDE}
    if isinstance(node, Item):
        found |= {name: getattr(node, name) for name in (*CONTENT, *TIMES)}
        found[WORDS] = node.draft.values if node.draft is not None else None
        found[ASSIGNMENT] = node.desk.assignment if node.desk is not None else None
        found[OWNER], found[REVIEW] = node.owner, node.review
        found[WAIVER] = node.draft.waiver if node.draft is not None else None
    return found | {name: _state(node, name) for name in names if is_part(name)}


def part(kind: str, key: int | str) -> str:
    """The name of one of many things that hang on a node: a `remark`, an `offer`, a `commission`, a `table`."""
    return f"{kind}:{key}"


def is_part(name: str) -> bool:
    """Whether a fact is one of many of its kind."""
    return ":" in name


def found_part(node: Node, name: str) -> Persistent | None:
    """What a part's name stands for, if it is there."""
    kind, _colon, key = name.partition(":")
    found: Persistent | None = None
    if kind == "remark":
        desk = node.desk if isinstance(node, Item) else None
        found = desk.remarks.get(int(key)) if desk is not None else None
    elif kind == "offer":
        found = site_of(node).ledger.offer(node.uid, int(key))
    elif kind == "table":
        found = site_of(node).tables.get(key)
    else:
        found = site_of(node).ledger.commission(node.uid, int(key))
    return found


def _state(node: Node, name: str) -> Facts | None:
    found = found_part(node, name)
    return dict(found.__getstate__()) if found is not None else None


def changed(before: Facts, after: Facts) -> Facts:
    """The facts of `before` that are not the same after; the words of an edition only while it is the same edition.

    That checks were waived is one of them only where nothing else of the draft changed: it was said of those words.
    """
    found = {name: value for name, value in before.items() if not _is_same(value, after.get(name))}
    if not found.keys().isdisjoint({"draft", WORDS}):
        found.pop(WAIVER, None)
    if "draft" in found:
        found.pop(WORDS, None)
    return found


def step_of(node: Node, name: str) -> int:
    """The key of the newest entry that changed a fact and stands; 0 for none among the newest hundred."""
    newest = reversed(list(node.log.items())) if node.log else iter(())
    for key, entry in islice(newest, _LOOKED_BACK):
        if entry.deed is not None and entry.deed.undone is None and name in entry.deed.before:
            return int(key)
    return 0


def binding(names: Iterable[str]) -> set[str]:
    """The facts of a deed that must stand as it left them: who deals with an item follows from its steps."""
    found = set(names)
    return found if found.isdisjoint(CONTENT) else found - {ASSIGNMENT}


def mark_of(names: Iterable[str], values: Facts) -> int:
    """A short mark of some facts' values."""
    compared = sorted(binding(names) - _UNCOMPARED)
    told = [(name, _told(name, values.get(name))) for name in compared]
    return crc32(repr(told).encode())


def deed_of(node: Node, key: int) -> tuple[Entry, Deed] | None:
    """The entry of that key in the node's trail with what it changed; None where nothing can be taken back."""
    entry: Entry | None = node.log.get(key) if node.log is not None else None
    return (entry, entry.deed) if entry is not None and entry.deed is not None else None


def _is_same(one: Any, other: Any) -> bool:
    return one is other or (not isinstance(one, Edition) and bool(one == other))


def _told(name: str, value: Any) -> Any:
    if name == "grants":  # who gave them and when is another matter
        return sorted((g.principal, g.role, str(g.until), g.may_delegate) for g in value)
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Edition):
        return value.number
    if isinstance(value, StoredFile):
        return value.id
    if isinstance(value, Block | Former):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return [(key, _plain(part)) for key, part in sorted(value.items())]
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return [_plain(part) for part in value]
    return str(value)
