"""What somebody who knows nothing of egov's own rules of delegation sees of rights, and what they would object to."""

from datetime import UTC, datetime
from typing import NamedTuple

from egov.base import clock
from egov.base.permissions import DUTIES
from egov.model.container import Container
from egov.security import policy
from egov.security.principals import actor_for

FOREVER = datetime.max.replace(tzinfo=UTC)


class Place(NamedTuple):
    """What the judge knows of a node."""

    parent: int
    inherits: bool
    grants: tuple


class Person(NamedTuple):
    """What the judge knows of an account."""

    principals: frozenset
    duties: frozenset
    disabled: bool


class Seen(NamedTuple):
    """Everything that decides on rights, at one moment."""

    places: dict
    people: dict

    def chain(self, uid):
        """A node and those above it whose grants reach it."""
        while uid:
            yield uid
            place = self.places[uid]
            uid = place.parent if place.inherits else 0

    def line(self, uid):
        """Where a node stands."""
        found = []
        while uid:
            found.append(uid)
            uid = self.places[uid].parent
        return found

    def held(self, who, uid):
        """The grants that somebody has on a node."""
        mine = self.people[who].principals
        for where in self.chain(uid):
            for given in self.places[where].grants:
                if given.principal in mine and (given.until or FOREVER) > clock.now():
                    yield given

    def could_give(self, who, uid, role, until):
        """Whether somebody could hand on a role on a node until a day."""
        return any(
            g.may_delegate and g.role in (role, "manager") and until <= (g.until or FOREVER)
            for g in self.held(who, uid)
        )

    def manages(self, who, uid):
        """Whether somebody manages a node."""
        return any(g.role == "manager" for g in self.held(who, uid))


def walk(node):
    """A node and all below it."""
    yield node
    if isinstance(node, Container):
        for child in node.values_in_order():
            yield from walk(child)


def seen(site):
    """What decides on rights now."""
    places = {}
    for node in walk(site):
        above = node.__parent__.uid if node.__parent__ is not None else 0
        places[node.uid] = Place(above, node.inherits, node.grants)
    found = {
        u.id: Person(u.principals, borne(u), u.disabled) for u in site.directory.users.values()
    }
    return Seen(places, found)


def borne(user):
    """The duties that somebody can act with, however they came by them."""
    may = {d.value for d in DUTIES if policy.permits_duty(actor_for(user), d)}
    return frozenset(user.duties | may)


def judge(who, before, after):
    """Fail where somebody holds what nobody could have given, or bears what may not be borne together."""
    has_duty = before.people[who].duties if who in before.people else frozenset()
    for user, now in after.people.items():
        was = before.people.get(user, now)
        gained = (now.principals - was.principals) | (now.duties - was.duties)
        assert not gained or ("security" in has_duty and user != who), (who, user, gained)
        assert len(now.duties) <= 1, (who, user, now.duties)
        assert was.disabled == now.disabled or (has_duty & {"system", "security"} and user != who)
    for duty in DUTIES:
        assert any(duty in p.duties and not p.disabled for p in after.people.values())
    for uid, now in after.places.items():
        was = before.places.get(uid)
        stays = was is not None and before.line(uid) == after.line(uid)
        if stays and now.inherits and not was.inherits:
            assert before.manages(who, uid)
        for given in now.grants:
            if not (stays and given in was.grants) and (given.until or FOREVER) > clock.now():
                judge_grant(who, has_duty, before, after, uid, given, was if stays else None)


def judge_grant(who, has_duty, before, after, uid, given, was):
    """Fail where a grant that is new in its place is more than the person could give there."""
    until = given.until or FOREVER
    if given.principal in ("Everyone", "Authenticated"):
        assert given.role == "reader"
        assert not given.may_delegate
    anchor = next(
        place
        for place in after.line(uid)
        if place in before.places and before.line(place) == after.line(place)
    )
    if before.could_give(who, anchor, given.role, until):
        return
    assert "security" in has_duty, (who, uid, given)
    assert was is not None  # from a leaver, or from a unit that was merged
    assert given.principal not in before.people[who].principals
    assert any(
        old.role == given.role
        and until <= (old.until or FOREVER)
        and old.may_delegate >= given.may_delegate
        for old in was.grants
    )
