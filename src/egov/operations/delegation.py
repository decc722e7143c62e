"""What hangs on a grant: who holds it, what was handed on from it, and what it reaches.

A grant is *supported* while its giver could give it: by a supported grant of their own that reaches the node, may be
delegated, covers the role and does not end earlier. What the system gave supports itself. So when a grant goes, all
that had no other support goes with it, however many hands it went through (recursive revocation, Griffiths and Wade
1976, with the supports that are left taken into account).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from egov.base import clock
from egov.catalog import reads
from egov.catalog.access import access_of
from egov.model.container import Container
from egov.model.node import Node
from egov.model.site import SiteGroup, site_of
from egov.security.grants import EVERYBODY, Grant
from egov.security.policy import reaching
from egov.security.principals import SYSTEM_ACTOR

FOREVER = datetime.max.replace(tzinfo=UTC)

Key = tuple[int, str, str]  # uid of the node, principal, role


class Held(NamedTuple):
    """A grant and the node on which it was given."""

    node: Node
    grant: Grant

    @property
    def key(self) -> Key:
        """What names the grant: a node has at most one of a role to a principal."""
        return self.node.uid, self.grant.principal, self.grant.role


class Reach(NamedTuple):
    """What a grant, or its end, concerns: items at or below the node, and people; None where that is everybody."""

    items: int
    people: int | None


def all_grants(site: SiteGroup) -> Iterator[Held]:
    """Every grant in the tree."""
    for node in site.catalog.ruled_below(site):
        for grant in node.grants:
            yield Held(node, grant)


def ending_for(site: SiteGroup, principals: frozenset[str], within: timedelta) -> list[Held]:
    """The grants to these principals that end soon; looks at them only where one of them does."""
    soon = clock.now() + within
    first = access_of(site, principals).until
    if first is None or first > soon:
        return []
    return [
        held
        for held in all_grants(site)
        if held.grant.principal in principals
        and held.grant.is_active()
        and held.grant.until is not None
        and held.grant.until <= soon
    ]


def reach_of(node: Node, principals: Iterable[str]) -> Reach:
    """How many items stand at or below a node, and how many open accounts the principals name."""
    items = reads.count_below(node) if isinstance(node, Container) else 1
    return Reach(items, people_named(site_of(node), principals))


def people_named(site: SiteGroup, principals: Iterable[str]) -> int | None:
    """How many open accounts the principals name; None where that is everybody."""
    wanted = frozenset(principals)
    if wanted & EVERYBODY:
        return None
    users = site.directory.users.values()
    return sum(1 for u in users if not u.disabled and u.principals & wanted)


def falling(site: SiteGroup, changed: Mapping[Key, Grant | None]) -> list[Held]:
    """The grants that lose their last support when some are replaced, or revoked (None)."""
    if not any(grant is None or _lessens(site, key, grant) for key, grant in changed.items()):
        return []
    held = _active(site)
    lost = _supported(site, held, {}) - _supported(site, held, changed) - changed.keys()
    return [h for key, h in held.items() if key in lost]


def stands(site: SiteGroup, key: Key, made: Grant) -> bool:
    """Whether a grant would have a support once it has replaced the one that is there."""
    if not _lessens(site, key, made):
        return True
    held = _active(site)
    return key not in held or key in _supported(site, held, {key: made})


def covers(held: Grant, given: Grant) -> bool:
    """Whether who holds a grant may hand on another one from it."""
    return (
        held.may_delegate
        and held.role in (given.role, "manager")
        and (given.until or FOREVER) <= (held.until or FOREVER)
    )


def may_have_given(held: Held) -> bool:
    """Whether who gave a grant holds, as things are, another one from which they could hand it on."""
    giver = site_of(held.node).directory.user(held.grant.by)
    if giver is None:
        return False
    reached = reaching(giver.principals, held.node)
    return any(covers(grant, held.grant) for grant, _where in reached)


def _active(site: SiteGroup) -> dict[Key, Held]:
    return {held.key: held for held in all_grants(site) if held.grant.is_active()}


def _lessens(site: SiteGroup, key: Key, grant: Grant) -> bool:
    node = site.catalog.node(key[0])
    old = next((g for g in node.grants if (g.principal, g.role) == key[1:]), None) if node else None
    if old is None or not old.may_delegate:
        return False
    kept = grant.may_delegate and grant.by == old.by
    return not (kept and (old.until or FOREVER) <= (grant.until or FOREVER))


def _supported(
    site: SiteGroup, held: Mapping[Key, Held], changed: Mapping[Key, Grant | None]
) -> set[Key]:
    grants = {key: changed.get(key, h.grant) for key, h in held.items()}
    found = {key for key, g in grants.items() if g is not None and g.by == SYSTEM_ACTOR.id}
    waiting = {
        key: list(_supports(site, held[key].node, grant, grants))
        for key, grant in grants.items()
        if grant is not None and key not in found
    }
    while True:
        more = {key for key, supports in waiting.items() if not found.isdisjoint(supports)}
        if not more:
            return found
        found |= more
        for key in more:
            del waiting[key]


def _supports(
    site: SiteGroup, node: Node, given: Grant, grants: Mapping[Key, Grant | None]
) -> Iterator[Key]:
    giver = site.directory.user(given.by)
    if giver is None:
        return
    for grant, where in reaching(giver.principals, node):
        key = where.uid, grant.principal, grant.role
        now = grants.get(key)
        if now is not None and covers(now, given):
            yield key
