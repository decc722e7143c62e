"""What the auditor looks for, and the records that fit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import Any, NamedTuple

from egov.base import clock
from egov.base.i18n import _
from egov.base.text import as_number
from egov.history.actions import title_of_action
from egov.history.audit import OUTCOMES, Record
from egov.model.node import path_of
from egov.model.site import SiteGroup
from egov.operations.ownership import owned_by

OUTCOME_TITLES = dict(zip(OUTCOMES, (_("完成"), _("被拒绝"), _("失败")), strict=True))


class Wanted(NamedTuple):
    """What the auditor looks for; empty means anything."""

    who: str
    what: str
    where: str
    outcome: str
    since: datetime | None
    until: datetime | None
    unit: str = ""
    people: frozenset[str] | None = None  # of the unit
    places: tuple[str, ...] = ()  # paths of what the unit answers for

    def fits(self, record: Record) -> bool:
        """Whether a record is one of them."""
        if self.people is not None and not self._is_of_unit(record):
            return False
        return (
            (not self.who or self.who in (record.actor, record.actor_name, record.address))
            and (not self.what or record.action == self.what)
            and (not self.outcome or record.outcome == self.outcome)
            and (not self.where or self._is_there(record))
        )

    def _is_of_unit(self, record: Record) -> bool:
        """By somebody of the unit, or on something that it answers for."""
        return record.actor in (self.people or ()) or any(
            _is_below(record.path, place) for place in self.places
        )

    def _is_there(self, record: Record) -> bool:
        if uid := as_number(self.where):
            return record.target == uid
        return _is_below(record.path, self.where)


def _is_below(path: str, place: str) -> bool:
    return bool(path) and (path == place or path.startswith(place.rstrip("/") + "/"))


def wanted_by(asked: Any, site: SiteGroup) -> Wanted:
    """What the parameters of a request ask for."""
    since, until = (
        _moment(asked.get("since", ""), time.min),
        _moment(asked.get("until", ""), time.max),
    )
    if before := as_number(asked.get("before"), 17):
        until = clock.from_micros(before)
    who, what, where, outcome = (
        asked.get(key, "").strip()[:200] for key in ("who", "what", "where", "outcome")
    )
    unit = asked.get("unit", "").strip()[:200]
    people = _people_of(site, unit) if unit else None
    places = tuple(path_of(place) for place in owned_by(site, unit)) if unit else ()
    return Wanted(who, what, where, outcome, since, until, unit, people, places)


def _people_of(site: SiteGroup, unit: str) -> frozenset[str]:
    """Who has a post in the unit or in one below it."""
    directory = site.directory
    return frozenset(
        user.id
        for user in directory.users.values()
        for post in user.posts
        if unit in (above.id for above in directory.units_above(post.unit))
    )


def _moment(raw: str, at: time) -> datetime | None:
    try:
        return datetime.combine(datetime.fromisoformat(raw).date(), at, clock.OFFICE_ZONE)
    except ValueError:
        return None


def found_in(site: SiteGroup, wanted: Wanted) -> Iterator[Record]:
    """The records of the time asked for, newest first, loaded as they are read."""
    for record in site.audit.newest(wanted.until):
        if wanted.since is not None and record.at < wanted.since:
            return
        yield record


def row_of(record: Record) -> dict[str, Any]:
    """A record for people to read."""
    return {
        "at": clock.local(record.at).isoformat(" ", "seconds")[:19],
        "name": record.actor_name,
        "who": record.actor,
        "address": record.address,
        "action": title_of_action(record.action),
        "outcome": OUTCOME_TITLES.get(record.outcome, record.outcome),
        "is_bad": record.outcome != "done",
        "title": record.title,
        "path": record.path,
        "target": record.target,
        "reason": record.reason,
    }
