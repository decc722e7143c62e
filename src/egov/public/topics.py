"""Topics (专题): the current ones and those that have been put into the archive, and their pictures."""

from __future__ import annotations

from typing import NamedTuple

from egov.base import clock
from egov.base.permissions import Permission
from egov.model.container import Container
from egov.model.site import Section
from egov.public.lists import Picture, picture
from egov.security.policy import permits
from egov.security.principals import Actor
from egov.web.urls import public_url


class Topic(NamedTuple):
    """A topic as a banner or a line shows it."""

    title: str
    url: str
    description: str
    picture: Picture | None
    archived: str  # since when, or empty


def topics_in(zone: Container, actor: Actor) -> list[Topic]:
    """The topics of a zone in its order, as this reader may enter them."""
    return [
        topic_of(child)
        for child in zone.containers()
        if isinstance(child, Section)
        and child.values.get("layout") != "zone"
        and permits(actor, Permission.VIEW, child)
    ]


def topic_of(section: Section) -> Topic:
    """What a banner tells of a topic."""
    return Topic(
        section.title,
        public_url(section),
        section.values.get("description", ""),
        picture(section, section.values.get("banner")),
        clock.day(section.values.get("archived_on")),
    )
