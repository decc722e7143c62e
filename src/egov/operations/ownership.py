"""Whose a site or a section is: the unit (单位) that answers for it, its own or that of the nearest place above.

To own something gives nobody a right; it says who is asked. A unit that owns something is not closed before it has
been handed on, so that no section is left to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from egov.base import clock
from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.container import Container
from egov.model.node import Node, lineage, path_of
from egov.model.site import SiteGroup, site_of
from egov.operations.keeping import undoable
from egov.operations.record import record
from egov.security.policy import permits
from egov.security.principals import Actor, Directory, Unit

FIELD = "unit"  # of a container's settings, and in the catalog


class Owner(NamedTuple):
    """The unit that answers for a node, and the container whose settings name it."""

    unit: Unit
    where: Container


def owner_of(node: Node) -> Owner | None:
    """Who answers for a node: the unit named by the nearest container at or above it."""
    directory: Directory = site_of(node).directory
    for place in lineage(node):
        if isinstance(place, Container) and (unit := directory.unit(place.values.get(FIELD, ""))):
            return Owner(unit, place)
    return None


def owner_title(node: Node) -> str:
    """The name of the unit that answers for a node; empty for none."""
    found = owner_of(node)
    return found.unit.title if found is not None else ""


def owned_by(site: SiteGroup, unit_id: str) -> list[Container]:
    """The sites and sections whose settings name the unit, by their paths; nothing else is loaded."""
    uids = site.catalog.fields.get(FIELD, {}).get(unit_id, ())
    found = (site.catalog.node(uid) for uid in uids)
    return sorted((n for n in found if isinstance(n, Container)), key=path_of)


def owned_for(actor: Actor, site: SiteGroup) -> list[Container]:
    """The sites and sections that a person's units answer for, as far as the person may see them."""
    units = [p.removeprefix("unit:") for p in actor.principals if p.startswith("unit:")]
    owned = (place for unit in sorted(units) for place in owned_by(site, unit))
    return [place for place in owned if permits(actor, Permission.PREVIEW, place)]


def is_owned_by(node: Node, units: frozenset[str]) -> bool:
    """Whether one of the units answers for a node."""
    found = owner_of(node)
    return found is not None and found.unit.id in units


def with_owner(
    site: SiteGroup, values: Mapping[str, Any], before: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Settings with the unit's id in place of what was typed: its id or name, in characters or pinyin.

    Raises Invalid for none or several; what stood there before is let stand.
    """
    words = str(values.get(FIELD) or "").strip()
    if not words or words == before.get(FIELD):
        return values
    return {**values, FIELD: unit_named(site.directory, words).id}


def unit_named(directory: Directory, words: str) -> Unit:
    """The open unit that the words name; raises Invalid, at the field, for none or several."""
    if (unit := directory.unit(words)) is not None and not unit.closed:
        return unit
    found = [u for u in directory.units_like(words) if not u.closed]
    exact = [u for u in found if u.title == words]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not found:
        message = _("没有名为“${words}”的单位。", mapping={"words": words[:60]})
    else:
        names = tuple(f"{u.title}（{u.id}）" for u in found[:6])
        message = _(
            "“${words}”可以指：${names}。请写明单位编号。",
            mapping={"words": words[:60], "names": names},
        )
    raise Invalid(message, {FIELD: message})


def hand_on(site: SiteGroup, unit: Unit, into: Unit, *, by: Actor) -> int:
    """Let another unit answer for all that one answers for; returns how much that is. Records each."""
    owned = owned_by(site, unit.id)
    for place in owned:
        _answer_for(place, into, by, f"{unit.title} → {into.title}")
    return len(owned)


@undoable
def _answer_for(place: Container, unit: Unit, by: Actor, comment: str) -> None:
    place.values = {**place.values, FIELD: unit.id}
    place.modified = clock.now()
    site_of(place).catalog.index(place)
    record(by, "change_owner", place, comment=comment)


def open_units(directory: Directory) -> Iterator[tuple[str, str]]:
    """The units that something can be given to, as id and name."""
    return ((unit.id, unit.title) for unit in directory.units.values() if not unit.closed)
