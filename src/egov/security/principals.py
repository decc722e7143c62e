"""Users, groups, units, and the Actor: the person (or job) in whose name something is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from persistent import Persistent

from egov.base import clock
from egov.base.permissions import DUTIES
from egov.base.text import spelled
from egov.model.btrees import NameTree
from egov.security.grants import AUTHENTICATED, EVERYONE

_EVERYBODY = frozenset({EVERYONE})


@dataclass(frozen=True)
class Actor:
    """Who acts: id and name for the record, principals and duties for the rights, address for the audit log."""

    id: str
    name: str
    principals: frozenset[str]
    duties: frozenset[str] = frozenset()
    address: str = ""
    is_system: bool = False

    def at(self, address: str) -> Actor:
        """The same, acting from an address."""
        return replace(self, address=address)

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody has signed in."""
        return not self.id


ANONYMOUS = Actor(id="", name="", principals=_EVERYBODY)
SYSTEM_ACTOR = Actor(id="system", name="系统", principals=_EVERYBODY, is_system=True)


_KNOWN_TITLES = {
    EVERYONE: "所有人",
    AUTHENTICATED: "所有已登录的人",
    f"user:{SYSTEM_ACTOR.id}": SYSTEM_ACTOR.name,
}


class Post(NamedTuple):
    """What somebody is in a unit (处长, 主任科员); the title may be empty."""

    unit: str
    title: str = ""


class Passkey(NamedTuple):
    """A security key that a person signs in with (WebAuthn)."""

    key_id: bytes
    public_key: bytes
    signed: int  # how often so far, where the key counts it
    title: str
    added: datetime


class User(Persistent):
    """A person's account; disabled accounts stay, so that the record keeps its names."""

    email: str = ""
    disabled: bool = False
    groups: frozenset[str] = frozenset()
    posts: tuple[Post, ...] = ()
    units: frozenset[str] = frozenset()  # whose rights the posts bring (operations/organisation)
    duties: frozenset[str] = frozenset()
    last_login: datetime | None = None
    opened: datetime | None = None  # by an administrator, after it had been closed or unused
    must_change: bool = False  # the password was set by somebody else
    past_hashes: tuple[str, ...] = ()  # newest first
    password_at: datetime | None = None
    second_secret: str = ""
    second_step: int = 0  # the last time step whose code was taken
    recovery: frozenset[str] = frozenset()  # hashes
    passkeys: tuple[Passkey, ...] = ()
    handed: Any = None  # operations.leaving.Handed: what went to somebody else when they left
    outside: frozenset[str] = frozenset()  # whom directories and identity providers mean by it

    def __init__(self, user_id: str, name: str, password_hash: str) -> None:
        self.id = user_id
        self.name = name
        self.password_hash = password_hash
        self.created = clock.now()

    @property
    def has_second(self) -> bool:
        """Whether signing in asks for more than the password."""
        return bool(self.second_secret or self.passkeys)

    @property
    def principals(self) -> frozenset[str]:
        """The person's own principal, their groups' and units', and the two that everybody signed in has."""
        return frozenset(
            {
                f"user:{self.id}",
                EVERYONE,
                AUTHENTICATED,
                *(f"group:{group}" for group in self.groups),
                *(f"unit:{unit}" for unit in self.units),
            }
        )


def actor_for(user: User, address: str = "") -> Actor:
    """The Actor of a signed-in person."""
    duties = user.duties & {duty.value for duty in DUTIES}
    return Actor(user.id, user.name, user.principals, duties, address)


class Group(Persistent):
    """A named set of people; who belongs to it is told by each User's `groups`."""

    def __init__(self, group_id: str, title: str) -> None:
        self.id = group_id
        self.title = title


class Unit(Persistent):
    """An office (单位) of the organisation; who works there is told by each User's `posts`."""

    parent: str = ""  # the id of the unit above
    closed: bool = False
    reaches_below: bool = (
        False  # what is granted to the unit reaches the people of its sub-units, too
    )

    def __init__(self, unit_id: str, title: str, kind: str) -> None:
        self.id = unit_id
        self.title = title
        self.kind = kind


def _ways(key: str, name: str) -> tuple[str, ...]:
    """How somebody may be asked for."""
    return (key.lower(), name.lower(), *spelled(name))


class Directory(Persistent):
    """All accounts, groups and units of the site group."""

    def __init__(self) -> None:
        self.users = NameTree()
        self.groups = NameTree()
        self.units = NameTree()

    def user(self, user_id: str) -> User | None:
        """The account of that id."""
        found: User | None = self.users.get(user_id)
        return found

    def group(self, group_id: str) -> Group | None:
        """The group of that id."""
        found: Group | None = self.groups.get(group_id)
        return found

    def members(self, group_id: str) -> list[User]:
        """The people who belong to a group."""
        return [user for user in self.users.values() if group_id in user.groups]

    def unit(self, unit_id: str) -> Unit | None:
        """The unit of that id."""
        found: Unit | None = self.units.get(unit_id)
        return found

    def units_above(self, unit_id: str) -> Iterator[Unit]:
        """The unit of that id, then those above it, up to the top."""
        unit = self.unit(unit_id)
        while unit is not None:
            yield unit
            unit = self.unit(unit.parent)

    def units_like(self, words: str) -> list[Unit]:
        """The units whose id or name, in characters, pinyin or its initials, holds the words."""
        wanted = words.strip().lower()
        return [u for u in self.units.values() if any(wanted in w for w in _ways(u.id, u.title))]

    def title_of(self, principal: str) -> str:
        """The name of a principal for people to read; its id where there is none."""
        if principal in _KNOWN_TITLES:
            return _KNOWN_TITLES[principal]
        kind, _colon, key = principal.partition(":")
        if kind == "user" and (user := self.user(key)):
            return user.name
        if kind == "group" and (group := self.group(key)):
            return group.title
        if kind == "unit" and (unit := self.unit(key)):
            return unit.title
        return principal

    def exists(self, principal: str) -> bool:
        """Whether a principal names somebody."""
        kind, _colon, key = principal.partition(":")
        if principal in (EVERYONE, AUTHENTICATED):
            return True
        known = {"user": self.users, "group": self.groups, "unit": self.units}
        return kind in known and key in known[kind]

    def search(self, words: str, limit: int = 20) -> Iterator[tuple[str, str]]:
        """Principals whose id or name, in characters, pinyin or its initials, holds the words, with their names."""
        wanted = words.strip().lower()
        found = 0
        for prefix, tree in (("user", self.users), ("group", self.groups), ("unit", self.units)):
            for key, entry in tree.items():
                name = entry.name if prefix == "user" else entry.title
                if any(wanted in way for way in _ways(key, name)):
                    yield f"{prefix}:{key}", name
                    found += 1
                    if found >= limit:
                        return
