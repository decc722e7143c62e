"""Subscriptions: addresses that want to hear by mail of what is new in a section, or for a question.

An address is kept for this one purpose, from the moment somebody asks until the subscription ends, is not confirmed
in time, or the letters cannot be delivered; then it is erased whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from persistent import Persistent

from egov.base import clock, ids
from egov.model.btrees import NameTree


class Subscription(Persistent):
    """One address and what it wants to hear of."""

    confirmed_at: datetime | None = None
    asked = 0  # letters that asked for confirmation
    failures = 0  # days in a row on which no letter could be sent
    failed_on = ""  # the last of them
    since = 0  # microseconds: what was published later has not been told yet
    letter_on = ""  # the day of the last letter

    def __init__(self, email: str, place: int, question: str, weekly: bool) -> None:
        self.token = ids.new_token()  # who knows it may confirm and end the subscription
        self.email = email
        self.place = place  # uid of the container
        self.question = (
            question  # of a search, as its address has it; empty for everything in the place
        )
        self.weekly = weekly
        self.created = clock.now()

    @property
    def is_confirmed(self) -> bool:
        """Whether the owner of the address has said that they want it."""
        return self.confirmed_at is not None


class Subscriptions(Persistent):
    """All subscriptions of a site group."""

    round_on = ""  # the day on which everybody was last looked through
    again_at: datetime | None = None  # when who got no letter for now is tried again

    def __init__(self) -> None:
        self._all = NameTree()  # token -> Subscription
        self._by_email = NameTree()  # (email, token) -> None
        self.unconfirmed = NameTree()  # token -> whether the letter that asks has gone out

    def add(self, made: Subscription) -> None:
        """Enter a subscription that waits to be confirmed."""
        self._all[made.token] = made
        self._by_email[made.email, made.token] = None
        self.unconfirmed[made.token] = False

    def find(self, token: str) -> Subscription | None:
        """The subscription of that token."""
        found: Subscription | None = self._all.get(token)
        return found

    def of_email(self, email: str) -> list[Subscription]:
        """The subscriptions of an address."""
        keys = self._by_email.keys((email, ""), (email + "\0", ""), excludemax=True)
        return [self._all[token] for _email, token in keys]

    def confirmed(self) -> Iterator[Subscription]:
        """Every confirmed subscription."""
        return (found for found in self._all.values() if found.is_confirmed)

    def confirm(self, found: Subscription) -> None:
        """Note that the owner of the address wants it; what is published from now on is told."""
        found.confirmed_at = clock.now()
        found.since = clock.micros(found.confirmed_at)
        self.unconfirmed.pop(found.token, None)

    def erase(self, found: Subscription) -> None:
        """Forget a subscription, with its address."""
        self._all.pop(found.token, None)
        self._by_email.pop((found.email, found.token), None)
        self.unconfirmed.pop(found.token, None)
