"""Ledger: what departments offered to the portal or each other, what was asked of them, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from persistent import Persistent

from egov.base import clock
from egov.model.btrees import NameTree
from egov.model.states import with_state

OFFERED, CHANGES, ADOPTED, DECLINED, TAKEN_BACK = (
    "offered", "changes", "adopted", "declined", "taken_back",
)  # fmt: skip


class Offer(Persistent):
    """One item offered by one site to another; the nodes are named by uid, so that they may move or go."""

    state: str = OFFERED
    note: str = ""
    commission: int = 0
    decided_by: str = ""
    decided_at: datetime | None = None
    comment: str = ""
    level: str = ""  # the type of the site that adopted it: site_group or subsite
    placements: tuple[int, ...] = ()

    def __init__(self, item: int, title: str, source: int, target: int, by: str) -> None:
        self.key = 0
        self.item = item
        self.title = title
        self.source = source
        self.target = target
        self.by = by
        self.at = clock.now()

    @property
    def is_open(self) -> bool:
        """Whether the receiving site has still to decide."""
        return self.state == OFFERED


class Commission(Persistent):
    """A text that one site asks of another until a day (约稿)."""

    brief: str = ""
    withdrawn: bool = False

    def __init__(self, title: str, target: int, source: int, deadline: date, by: str) -> None:
        self.key = 0
        self.title = title
        self.target = target  # the site that asks and will receive
        self.source = source  # the site that is asked
        self.deadline = deadline
        self.by = by
        self.at = clock.now()


class Ledger(Persistent):
    """All offers and commissions, by the sites that sent and received them, in the order of time."""

    def __init__(self) -> None:
        self._open = NameTree()  # (target, key) -> Offer
        self._offers = NameTree()  # (target, key), (source, key) and (item, key) -> Offer
        self._commissions = NameTree()  # (target, key) and (source, key) -> Commission

    def add(self, offer: Offer) -> Offer:
        """Enter an offer."""
        offer.key = _free_key(self._offers, offer.target)
        for uid in (offer.target, offer.source, offer.item):
            self._offers[uid, offer.key] = offer
        self._open[offer.target, offer.key] = offer
        return offer

    def close(self, offer: Offer, state: str, by: str, comment: str) -> None:
        """Note what became of an offer."""
        offer.state, offer.decided_by, offer.comment = state, by, comment
        offer.decided_at = clock.now()
        self._open.pop((offer.target, offer.key), None)

    def put_offer_back(self, uid: int, key: int, state: dict[str, Any] | None) -> None:
        """Let an offer to or from a site, or of an item, be as it was at another time; None for none."""
        offer = self.offer(uid, key)
        if state is not None:
            offer = with_state(Offer, offer, state)
        if offer is None:
            return
        for other in (offer.target, offer.source, offer.item):
            _put(self._offers, (other, key), offer if state is not None else None)
        is_open = state is not None and offer.is_open
        _put(self._open, (offer.target, key), offer if is_open else None)

    def put_commission_back(self, uid: int, key: int, state: dict[str, Any] | None) -> None:
        """Let a commission by or for a site be as it was at another time; None for none."""
        found = self.commission(uid, key)
        if state is not None:
            found = with_state(Commission, found, state)
        if found is not None:
            for other in (found.target, found.source):
                _put(self._commissions, (other, key), found if state is not None else None)

    def ask(self, commission: Commission) -> Commission:
        """Enter a commission."""
        commission.key = _free_key(self._commissions, commission.target)
        for uid in (commission.target, commission.source):
            self._commissions[uid, commission.key] = commission
        return commission

    def open_for(self, target: int) -> Iterator[Offer]:
        """The offers that a site has still to decide, oldest first."""
        return iter(self._open.values((target, 0), (target + 1, 0), excludemax=True))

    def busy(self) -> list[int]:
        """The sites that have offers to decide, or had commissions; looks at one entry of each."""
        return sorted({*_firsts(self._open), *_firsts(self._commissions)})

    def offer(self, uid: int, key: int) -> Offer | None:
        """The offer of that key, to or from a site or of an item."""
        found: Offer | None = self._offers.get((uid, key))
        return found

    def offers_of(self, uid: int, since: datetime | None = None) -> Iterator[Offer]:
        """The offers to and from a site, or of an item, newest first."""
        return _newest(self._offers, uid, since)

    def commission(self, uid: int, key: int) -> Commission | None:
        """The commission of that key, by or for a site."""
        found: Commission | None = self._commissions.get((uid, key))
        return found

    def commissions_of(self, uid: int) -> Iterator[Commission]:
        """The commissions by and for a site, newest first."""
        return _newest(self._commissions, uid, None)


def _firsts(tree: NameTree) -> Iterator[int]:
    uid = 0
    while (found := next(iter(tree.keys((uid, 0))), None)) is not None:
        yield found[0]
        uid = found[0] + 1


def _put(tree: NameTree, key: tuple[int, int], value: Persistent | None) -> None:
    if value is None:
        tree.pop(key, None)
    else:
        tree[key] = value


def _free_key(tree: NameTree, uid: int) -> int:
    key = clock.micros(clock.now())
    while (uid, key) in tree:
        key += 1
    return key


def _newest(tree: NameTree, uid: int, since: datetime | None) -> Iterator[Any]:
    first = clock.micros(since) if since is not None else 0
    return reversed(list(tree.values((uid, first), (uid + 1, 0), excludemax=True)))
