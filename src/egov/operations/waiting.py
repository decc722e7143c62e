"""Reminders of what waits for a decision longer than its term and was given to nobody.

First those who may decide are told; where nothing has happened for a while after that, its managers too. Each is told
once for each handing in: what was told of stands with the tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple

from egov.base import clock
from egov.base.workdays import after, is_workday
from egov.catalog import reads
from egov.catalog.access import Access, access_of
from egov.catalog.reads import Late
from egov.model.item import Item
from egov.model.site import SiteGroup
from egov.operations.assignments import ESCALATED, REMINDED, holidays_of, managers_of
from egov.operations.inbox import term_of
from egov.operations.notices import tell
from egov.security.principals import SYSTEM_ACTOR, Actor, actor_for
from egov.workflow.office import deciding_states

ESCALATION_DAYS = 3
AT_ONCE = 200  # items to one commit


class _Decider(NamedTuple):
    actor: Actor
    access: Access


def remind_deciders(site: SiteGroup) -> int:
    """Tell of what waits too long, once for its term and once for its escalation; returns of how many things.

    On working days only, no more than 200 things at a time: the caller commits and asks again until it returns 0.
    """
    today = clock.today()
    tasks = site.tasks
    if tasks.waited_day == today.isoformat() or not is_workday(today, holidays_of(site)):
        return 0
    news = list(islice(_untold(site, today), AT_ONCE))
    if not news:
        tasks.keep_waited({late.uid for late in reads.late(site, _before(site, today))})
        tasks.waited_day = today.isoformat()
        return 0
    people = _deciders(site)
    for item, late, stage in news:
        tasks.note_waited(item.uid, clock.micros(item.modified), stage)
        _tell(site, item, late, stage, people)
    return len(news)


def _untold(site: SiteGroup, today: date) -> Iterator[tuple[Item, Late, int]]:
    """What waits too long and nobody was told of yet, with the stage that it has come to."""
    seen = set()
    for stage, more in _stages(site):
        for late in reads.late(site, _before(site, today, more)):
            if late.uid in seen or site.tasks.has_waited(late.uid, late.since, stage):
                continue
            item = site.catalog.node(late.uid)
            if not isinstance(item, Item) or (item.desk is not None and item.desk.assignment):
                continue
            # Two things handed in at the same moment stand one after the other in the catalog.
            if not site.tasks.has_waited(item.uid, clock.micros(item.modified), stage):
                seen.add(item.uid)
                yield item, late, stage


def _stages(site: SiteGroup) -> Iterator[tuple[int, int]]:
    """The stages, the last first, with how many working days after the term they come."""
    asked = site.values.get("escalation_days")
    if asked != 0:
        yield ESCALATED, ESCALATION_DAYS if asked is None else asked
    yield REMINDED, 0


def _before(site: SiteGroup, today: date, more: int = 0) -> datetime:
    """What was handed in before this moment has waited its term and so many working days more."""
    term, table = term_of(site), holidays_of(site)
    day = today
    while after(term(day), more, table) >= today:
        day -= timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), clock.OFFICE_ZONE)


def _deciders(site: SiteGroup) -> list[_Decider]:
    """Everybody who decides on anything at all."""
    actors = (actor_for(user) for user in site.directory.users.values() if not user.disabled)
    return [
        _Decider(actor, access_of(site, actor.principals))
        for actor in actors
        if reads.may_decide(actor, site)
    ]


def _tell(site: SiteGroup, item: Item, late: Late, stage: int, people: list[_Decider]) -> None:
    roles = deciding_states(site)[late.state]
    told = {
        person.actor.id
        for person in people
        if person.access.holds(late.domain, roles) and reads.decisions(person.actor, item)
    }
    if stage == ESCALATED or not told:  # what nobody may decide is for the managers from the start
        told |= managers_of(item)
    event = "neglected" if stage == ESCALATED else "waiting"
    tell(told, event, item, by=SYSTEM_ACTOR, text=clock.day(item.modified))
