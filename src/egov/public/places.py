"""Sites and sections whose names answer a question: the short way for who looks for a place and not for a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from egov.base.permissions import Permission
from egov.catalog.generations import OncePerGeneration
from egov.model.container import Container
from egov.model.node import lineage
from egov.model.site import SiteGroup, site_of, subsite_of
from egov.search.words import folded
from egov.security.policy import permits
from egov.security.principals import Actor
from egov.web.urls import public_url

SHOWN = 6
_LOOKED_AT = 60  # that fit, of which the reader may enter some
_SHORTEST, _LONGEST = 2, 20  # letters of a question that may be a name
_OFFICE = re.compile("[局委办厅院署]")
_TELLING = 3  # letters that tell one name from others


class Place(NamedTuple):
    """A site or section, with the site it stands in where another one was asked."""

    title: str
    url: str
    site: str


def places_for(asked_at: Container, actor: Actor, text: str) -> list[Place]:
    """The places below a container that the reader may enter and that the text names, the nearest first."""
    wanted = "".join(folded(text).split())
    if not _SHORTEST <= len(wanted) <= _LONGEST:
        return []
    site, found = site_of(asked_at), []
    for _name, uid in _fitting(_names(site), wanted)[:_LOOKED_AT]:
        node = site.catalog.node(uid)
        if (
            isinstance(node, Container)
            and asked_at in lineage(node)
            and node is not asked_at
            and permits(actor, Permission.VIEW, node)
        ):
            home = subsite_of(node)
            told = home.title if home not in (node, subsite_of(asked_at)) else ""
            found.append(Place(node.title, public_url(node), told))
            if len(found) == SHOWN:
                break
    return found


def _fitting(names: list[tuple[str, int]], wanted: str) -> list[tuple[str, int]]:
    """Those with the text in their name; else whose name it has (市财政局电话), or that it makes short (人社局)."""
    for fits in (_has, _stands_in, _is_long_for):
        if found := [one for one in names if fits(one[0], wanted)]:
            return sorted(found, key=lambda one: len(one[0]))
    return []


def _has(name: str, wanted: str) -> bool:
    return wanted in name


def _stands_in(name: str, wanted: str) -> bool:
    # Nobody says which city's office they mean: the end of a name is enough.
    return len(name) >= _TELLING and name[-_TELLING:] in wanted


def _is_long_for(name: str, wanted: str) -> bool:
    return any(_leaves_out(name, short) for short in _short_names(wanted))


def _short_names(wanted: str) -> Iterator[str]:
    """The question, and what in it ends as offices do: 发改委 in 发改委电话."""
    if not wanted.isascii():
        yield wanted
    for found in _OFFICE.finditer(wanted):
        yield from (wanted[start : found.end()] for start in range(found.start()))


def _leaves_out(name: str, short: str) -> bool:
    rest = iter(name)
    return len(short) >= _TELLING and all(c in rest for c in short)


@OncePerGeneration
def _names(site: SiteGroup) -> list[tuple[str, int]]:
    """The name of each site and section with its uid, whoever may enter it."""
    return [
        ("".join(folded(one.title).split()), one.uid)
        for one in site.with_below()
        if one is not site
    ]
