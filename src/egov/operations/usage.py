"""Where a node is used: what links to it or to something below it, and where else it is shown."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from egov.base.permissions import Permission
from egov.catalog.links import linked_uids, links_to
from egov.model.container import Container
from egov.model.node import Node, inside
from egov.model.site import site_of
from egov.security.policy import permits
from egov.security.principals import Actor

MOST_LOOKED_AT = 20_000
MOST_SHOWN = 200


class Use(NamedTuple):
    """One node that uses another; `target` is the one that it uses."""

    node: Node
    target: Node
    is_placement: bool


class Uses(NamedTuple):
    """The uses that a person may see, and how many more there are."""

    seen: list[Use]
    hidden: int

    def __bool__(self) -> bool:
        return bool(self.seen or self.hidden)


def uses_of(node: Node, by: Actor) -> Uses:
    """What would be left without its target if the node, with all below it, went away; nothing inside it counts."""
    site = site_of(node)
    targets: list[Node] = [node]
    if isinstance(node, Container):
        known = islice(linked_uids(site), MOST_LOOKED_AT)
        below = (site.catalog.node(uid) for uid in {*known, *_shown_elsewhere(node)})
        targets += [found for found in below if found is not None and inside(found, node)]
    seen: list[Use] = []
    hidden = 0
    for target in dict.fromkeys(targets):
        placements = (site.catalog.node(uid) for uid in site.catalog.shown_in.get(target.uid, ()))
        users = [(user, False) for user in links_to(site, target.uid)]
        users += [(user, True) for user in placements if user is not None]
        for user, is_placement in users:
            if inside(user, node) and user is not node:
                continue
            if len(seen) < MOST_SHOWN and permits(by, Permission.PREVIEW, user):
                seen.append(Use(user, target, is_placement))
            else:
                hidden += 1
    return Uses(seen, hidden)


def _shown_elsewhere(container: Container) -> set[int]:
    site = site_of(container)
    return set(islice(site.catalog.shown_in.keys(), MOST_LOOKED_AT))
