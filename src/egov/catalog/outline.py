"""Outline: which domains stand at or below which container, read from the containers once for each generation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from egov.catalog.generations import OncePerGeneration
from egov.model.container import Container
from egov.model.site import SiteGroup


class Outline(NamedTuple):
    """All domains in the order of the tree; what is below a container is one stretch of them."""

    domains: tuple[int, ...]
    stretches: Mapping[int, slice]  # by the uid of the container

    def below(self, uid: int) -> tuple[int, ...]:
        """The domains at or below a container, itself the first; none for one that is not in the tree."""
        return self.domains[self.stretches.get(uid, slice(0))]

    def parts(self, uid: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The containers directly in one, each with the domains at or below it."""
        start, stop, _step = self.stretches.get(uid, slice(0)).indices(len(self.domains))
        at = start + 1
        while at < stop:
            below = self.domains[at]
            at += 1
            if (stretch := self.stretches.get(below)) is not None:
                yield below, self.domains[stretch]
                at = stretch.stop


@OncePerGeneration
def outline_of(site: SiteGroup) -> Outline:
    """The outline of the tree."""
    own_rights = site.catalog.own_rights
    domains: list[int] = []
    stretches: dict[int, slice] = {}

    def walk(container: Container) -> None:
        start = len(domains)
        domains.append(container.uid)
        domains.extend(own_rights.get(container.uid, ()))
        for child in container.containers():
            walk(child)
        stretches[container.uid] = slice(start, len(domains))

    walk(site)
    return Outline(tuple(domains), stretches)
