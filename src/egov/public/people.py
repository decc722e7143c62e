"""People in office and offices, as lists show them: in the order that editors gave them."""

from __future__ import annotations

from typing import NamedTuple

from egov.catalog.reads import published
from egov.model.container import Container
from egov.model.item import Item
from egov.public.lists import Picture, item_of, picture_of
from egov.security.principals import Actor
from egov.web.urls import public_url

MOST = 300


class Person(NamedTuple):
    """Somebody in office."""

    name: str
    url: str
    post: str
    duties: str
    picture: Picture | None


class Office(NamedTuple):
    """A unit of the government, and how to reach it."""

    name: str
    url: str
    address: str
    phone: str
    hours: str


def people_in(place: Container, actor: Actor) -> list[Person]:
    """Those in office in a section."""
    return [
        Person(
            item.live_title,
            public_url(item),
            values.get("post", ""),
            values.get("duties", ""),
            picture_of(item, values),
        )
        for item in _ordered(place, actor, "leader")
        if item.live is not None and (values := item.live.values)
    ]


def offices_in(place: Container, actor: Actor) -> list[Office]:
    """The offices in a section."""
    return [
        Office(
            item.live_title,
            public_url(item),
            *(values.get(name, "") for name in ("address", "phone", "hours")),
        )
        for item in _ordered(place, actor, "office")
        if item.live is not None and (values := item.live.values)
    ]


def _ordered(place: Container, actor: Actor, kind: str) -> list[Item]:
    nodes = published(place, actor, types=(kind,), limit=MOST).nodes
    nodes.sort(key=lambda node: node.position)
    return [item for item in map(item_of, nodes) if isinstance(item, Item)]
