"""Which domains may these principals read? Computed from the container tree, remembered per generation."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from weakref import WeakKeyDictionary

from ZODB.DB import DB

from egov.base import clock
from egov.model.container import Container
from egov.model.node import Node
from egov.model.site import SiteGroup
from egov.security.policy import HELD_BACK_BY_HIDDEN

_REMEMBERED = 128  # sets of principals per database and process

Roles = frozenset[str]


class Access(NamedTuple):
    """The roles of a set of principals on every domain where they have any."""

    roles: Mapping[int, Roles]
    generation: int
    until: datetime | None  # when the first of the grants that made it ends
    found: dict[Roles, tuple[int, ...]]  # what `where` was asked before

    def domains(self, wanted: Roles) -> set[int]:
        """The domains on which at least one of the wanted roles is held."""
        return set(self.where(wanted))

    def where(self, wanted: Roles) -> tuple[int, ...]:
        """The same in the order of the tree, reckoned once."""
        if wanted not in self.found:
            self.found[wanted] = tuple(
                uid for uid, roles in self.roles.items() if not roles.isdisjoint(wanted)
            )
        return self.found[wanted]

    def holds(self, domain: int, wanted: Roles) -> bool:
        """Whether one of the wanted roles is held on the domain."""
        return not self.roles.get(domain, frozenset()).isdisjoint(wanted)


_cache: WeakKeyDictionary[DB, OrderedDict[frozenset[str], Access]] = WeakKeyDictionary()


def access_of(site: SiteGroup, principals: frozenset[str]) -> Access:
    """The access of a set of principals, from memory if nothing has changed since."""
    generation = site.catalog.generation
    jar = generation._p_jar
    if jar is None or generation._p_changed:
        # What this very transaction has changed may yet be rolled back: never remember it.
        return _compute(site, principals)
    known = _cache.setdefault(jar.db(), OrderedDict())
    found = known.get(principals)
    if found is None or found.generation != generation() or _has_ended(found):
        found = known[principals] = _compute(site, principals)
        while len(known) > _REMEMBERED:
            known.popitem(last=False)
    return found


def _has_ended(access: Access) -> bool:
    return access.until is not None and clock.now() >= access.until


def _compute(site: SiteGroup, principals: frozenset[str]) -> Access:
    roles: dict[int, Roles] = {}
    ends: list[datetime] = []
    interned: dict[Roles, Roles] = {}

    def local(node: Node) -> set[str]:
        held = [g for g in node.grants if g.principal in principals and g.is_active()]
        ends.extend(g.until for g in held if g.until is not None)
        return {g.role for g in held}

    def effective(node: Node, above: Roles) -> Roles:
        inherited = above if node.inherits else frozenset()
        if node.state == "hidden":
            inherited -= {HELD_BACK_BY_HIDDEN}
        held = inherited | local(node) if node.grants else inherited
        return interned.setdefault(held, held)

    catalog = site.catalog
    waiting: list[tuple[Container, Roles]] = [(site, frozenset())]
    while waiting:
        container, above = waiting.pop()
        here = effective(container, above)
        if here:
            roles[container.uid] = here
        for uid in catalog.own_rights.get(container.uid, ()):
            node = catalog.node(uid)  # None for one that lies in the trash
            if node is not None and (own := effective(node, here)):
                roles[uid] = own
        waiting.extend((child, here) for child in reversed(container.containers()))
    return Access(roles, catalog.generation(), min(ends, default=None), {})
