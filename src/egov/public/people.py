"""People in office and offices, as lists show them: in the order that editors gave them."""

from __future__ import annotations

import re
from typing import NamedTuple

from egov.catalog.reads import published
from egov.model.container import Container
from egov.model.item import Item
from egov.public.lists import Picture, item_of, picture_of
from egov.security.principals import Actor
from egov.web.urls import public_url

MOST = 300
_PHONE = re.compile(r"\+?[0-9(（][0-9()（） -]{3,20}")
_MAIL = re.compile(r"[^@\s,;，；、]+@[^@\s,;，；、]+")
_NO_DIGIT = re.compile(r"[^0-9+]")


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
    email: str
    head: str

    @property
    def call(self) -> str:
        """What a telephone calls."""
        return reached_by(self.phone)


def reached_by(told: str) -> str:
    """Where one telephone number or mail address leads; nothing for more than one, or with words around it."""
    told = told.strip()
    if _MAIL.fullmatch(told):
        return f"mailto:{told}"
    return f"tel:{_NO_DIGIT.sub('', told)}" if _PHONE.fullmatch(told) else ""


def people_in(place: Container, actor: Actor) -> list[Person]:
    """Those in office in a section."""
    return [person_of(item) for item in _ordered(place, actor, "leader")]


def offices_in(place: Container, actor: Actor) -> list[Office]:
    """The offices in a section."""
    return [office_of(item) for item in _ordered(place, actor, "office")]


def person_of(item: Item) -> Person:
    """What is published of somebody in office."""
    values = item.live.values if item.live is not None else {}
    post, duties = values.get("post", ""), values.get("duties", "")
    return Person(item.live_title, public_url(item), post, duties, picture_of(item, values))


def office_of(item: Item) -> Office:
    """What is published of an office."""
    values = item.live.values if item.live is not None else {}
    told = (values.get(name) or "" for name in ("address", "phone", "hours", "email", "head"))
    return Office(item.live_title, public_url(item), *told)


def _ordered(place: Container, actor: Actor, kind: str) -> list[Item]:
    nodes = published(place, actor, types=(kind,), limit=MOST).nodes
    nodes.sort(key=lambda node: node.position)
    items = (item for item in map(item_of, nodes) if isinstance(item, Item))
    return [item for item in items if item.live is not None]
