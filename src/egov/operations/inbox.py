"""What waits for a person's decision, by the day until which it should be taken."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date
from heapq import merge
from itertools import islice
from typing import NamedTuple

from egov.base import clock
from egov.base.workdays import after
from egov.catalog import reads
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import inside
from egov.model.site import SiteGroup, site_of
from egov.operations.assignments import holidays_of
from egov.security.principals import Actor

REVIEW_DAYS = 3
_PASSED = 300  # as many are looked at for what comes next


class Decision(NamedTuple):
    """An item that waits, and the day until which it should be decided on."""

    due: date
    item: Item


def inbox(
    actor: Actor,
    within: Container,
    *,
    states: Collection[str] | None = None,
    types: Collection[str] | None = None,
    owners: Collection[str] | None = None,
    given_to: str = "",
) -> Iterator[Decision]:
    """What a person may decide at or below a container, the earliest deadline first; `given_to` somebody, if asked.

    The deadline is the one that was set when the item was given to somebody, else so many working days after it was
    handed in as the portal's settings say; so those without one of their own come in the order of their handing in.
    """
    site = site_of(within)
    term, given = term_of(within), dict[int, date]()
    for due, uid in site.tasks.by_day():
        given.setdefault(uid, due)
    if given_to:
        theirs = set(site.tasks.of(given_to))
        given = {uid: due for uid, due in given.items() if uid in theirs}

    def wanted(item: Item) -> bool:
        fits_type = types is None or item.type_name in types
        fits_state = states is None or item.state in states
        return fits_type and fits_state and (owners is None or item.owner in owners)

    rest = (
        () if given_to else reads.waiting(actor, within, states=states, types=types, owners=owners)
    )
    return merge(
        _given(actor, within, given, wanted),
        (
            Decision(term(clock.local(waiting.node.modified).date()), waiting.node)
            for waiting in rest
            if waiting.node.uid not in given
        ),
        key=lambda decision: decision.due,
    )


def following(actor: Actor, site: SiteGroup, uid: int) -> int:
    """The uid of what waits behind an item in a person's inbox, of what waits first behind the last; 0 for nothing."""
    first, is_passed = 0, False
    for decision in islice(inbox(actor, site), _PASSED):
        other = decision.item.uid
        if is_passed:
            return other
        is_passed = other == uid
        first = first or (0 if is_passed else other)
    return first


def due_day(item: Item) -> date:
    """The day until which an item that waits should be decided on."""
    if item.desk is not None and item.desk.assignment is not None:
        return item.desk.assignment.due
    return term_of(site_of(item))(clock.local(item.modified).date())


def term_of(within: Container) -> Callable[[date], date]:
    """From the day of handing in to the last day on which to decide; each day is computed once."""
    site = site_of(within)
    days, table = site.values.get("review_days") or REVIEW_DAYS, holidays_of(site)
    known: dict[date, date] = {}

    def last(day: date) -> date:
        if day not in known:
            known[day] = after(day, days, table)
        return known[day]

    return last


def _given(
    actor: Actor, within: Container, given: dict[int, date], wanted: Callable[[Item], bool]
) -> Iterator[Decision]:
    site = site_of(within)
    for uid, due in given.items():
        item = site.catalog.node(uid)
        fits = isinstance(item, Item) and wanted(item) and inside(item, within)
        if isinstance(item, Item) and fits and reads.decisions(actor, item):
            yield Decision(due, item)
