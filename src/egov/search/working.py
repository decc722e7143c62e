"""What the back office looks through: the edition that is worked on, and the sites and sections themselves.

Who may find an item depends on its state as well: a document's `domain` is a number made of the domain and the state,
and those that a person may see are part of the query, as on the public side. Nothing is written for this index: what
was worked on stands in the audit log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

from egov.base import clock
from egov.catalog.access import access_of
from egov.catalog.index import domain_of
from egov.catalog.journal import Change
from egov.catalog.reads import domains_in
from egov.history.audit import Record
from egov.model.container import Container
from egov.model.item import Item
from egov.model.node import Node
from egov.model.placement import Placement
from egov.model.site import SiteGroup, site_of
from egov.search.documents import told_by
from egov.search.entries import Document
from egov.search.words import title_letters
from egov.security.principals import Actor
from egov.workflow.office import preview_roles

_ANY_STATE = ""  # of a site or section: whoever has a role there
_PLACED = "*"  # of a placement, which is found in its own section only
# While somebody writes, one entry stands for ten minutes of it.
_ONE_WRITING = timedelta(minutes=10)
_LOOKED_AT = 2000  # entries before those that are new, for what is still being written


def working_document_of(node: Node | None) -> Document | None:
    """The document of an item, container or placement for those who work on it, None for what is none of them."""
    values: Mapping[str, Any] = {}
    if isinstance(node, Container):
        domain, state, values = node.uid, _ANY_STATE, node.values
    elif isinstance(node, Item):
        domain, state, values = domain_of(node).uid, node.state, node.work.values
    elif isinstance(node, Placement):
        domain, state = domain_of(node).uid, _PLACED
    else:
        return None
    return told_by(
        node, values, node.title, node.modified, domain=_key(domain, state), state=node.state,
        owner=node.owner, letters=" ".join(title_letters(node.title)),
    )  # fmt: skip


def working_nodes(site: SiteGroup) -> Iterator[Node]:
    """Everything in the tree, loaded one by one; not what lies in the trash."""
    found = (site.catalog.node(uid) for uid in site.catalog.nodes)
    return (node for node in found if node is not None)


def worked_on(site: SiteGroup, since: int) -> Iterator[Change]:
    """What was worked on from a moment on, in microseconds."""
    begun = clock.micros(clock.from_micros(since) - _ONE_WRITING) if since else 0
    older = 0
    for record in site.audit.newest():
        at = clock.micros(record.at)
        older += at < since
        if at < begun or older > _LOOKED_AT:
            return
        if record.action == "edit" and (node := site.catalog.node(record.target)) is not None:
            at = max(at, clock.micros(node.modified))
        if at >= since and _is_work(record):
            yield Change(at, record.target)
            yield from (Change(at, uid) for uid in site.catalog.shown_in.get(record.target, ()))


def _is_work(record: Record) -> bool:
    return bool(record.target) and record.outcome == "done" and record.action != "read_personal"


def working_domains(
    site: SiteGroup, actor: Actor, within: Collection[int] | None = None
) -> set[int]:
    """The numbers that stand for what a person may see in the back office, of some domains or of all.

    As the catalog's listings do: over all workflow tables; what is shown is checked against the item's own.
    """
    states = preview_roles(site)
    found = set()
    for uid, roles in access_of(site, actor.principals).roles.items():
        if within is None or uid in within:
            found.add(_key(uid, _ANY_STATE))
            found |= {_key(uid, s) for s, wanted in states.items() if not roles.isdisjoint(wanted)}
    return found


def domains_directly_in(container: Container, actor: Actor) -> set[int]:
    """The numbers that stand for what a person may see of a container's own children."""
    site = site_of(container)
    roles, states = access_of(site, actor.principals).roles, preview_roles(site)
    found = {_key(child.uid, _ANY_STATE) for child in container.containers() if child.uid in roles}
    for uid in domains_in(container):
        held = roles.get(uid, frozenset())
        found |= {_key(uid, s) for s, wanted in states.items() if not held.isdisjoint(wanted)}
        found |= {_key(uid, _PLACED)} if held else set()
    return found


@lru_cache(maxsize=65_536)
def _key(domain: int, state: str) -> int:
    # Of six bytes, because counts come back as floats; should two ever meet, what is shown is checked all the same.
    told = hashlib.blake2b(f"{domain} {state}".encode(), digest_size=6).digest()
    return int.from_bytes(told)
