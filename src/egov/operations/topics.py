"""Ending a topic (专题): marked as archived, and moved to the topic zone (国办发〔2017〕47号)."""

from __future__ import annotations

from egov.base import clock
from egov.base.errors import Conflict
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.site import Section, site_of, subsite_of
from egov.operations.containers import configure
from egov.operations.record import require
from egov.operations.tree import move
from egov.security.principals import Actor


def zone_for(topic: Section) -> Section | None:
    """The topic zone of the topic's site, or of the portal; None if neither has one."""
    for home in (subsite_of(topic), site_of(topic)):
        for child in home.containers():
            if isinstance(child, Section) and child.values.get("layout") == "zone":
                return child
    return None


def archive_topic(topic: Section, *, by: Actor) -> None:
    """Mark a topic as archived today and move it to the topic zone; its old address redirects.

    Raises Forbidden without `configure`, and without the rights to move it; Conflict if it is archived already,
    Invalid as `move` does.
    """
    require(by, Permission.CONFIGURE, topic)
    if topic.values.get("archived_on"):
        raise Conflict(_("“${title}”已经归档。", mapping={"title": topic.title}))
    zone = zone_for(topic)
    if zone is not None and topic.__parent__ is not zone:
        move(topic, zone, by=by)
    configure(topic, {**topic.values, "archived_on": clock.today()}, by=by)
