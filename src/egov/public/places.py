"""Sites and sections whose names answer a question: the short way for who looks for a place and not for a text."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

from ZODB.DB import DB

from egov.base.permissions import Permission
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


class Place(NamedTuple):
    """A site or section, with the site it stands in where another one was asked."""

    title: str
    url: str
    site: str


_known: WeakKeyDictionary[DB, tuple[int, list[tuple[str, int]]]] = WeakKeyDictionary()


def places_for(asked_at: Container, actor: Actor, text: str) -> list[Place]:
    """The places below a container that the reader may enter and whose name has the text in it, the nearest first."""
    wanted = "".join(folded(text).split())
    if not _SHORTEST <= len(wanted) <= _LONGEST:
        return []
    site, found = site_of(asked_at), []
    fitting = sorted((one for one in _names(site) if wanted in one[0]), key=lambda one: len(one[0]))
    for _name, uid in fitting[:_LOOKED_AT]:
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


def _names(site: SiteGroup) -> list[tuple[str, int]]:
    """The name of each site and section with its uid, whoever may enter it; read again when one of them has changed."""
    database, now = site._p_jar.db(), site.catalog.generation()
    seen, names = _known.get(database, (-1, []))
    if seen != now:
        names = [
            ("".join(folded(one.title).split()), one.uid)
            for one in site.with_below()
            if one is not site
        ]
        _known[database] = (now, names)
    return names
