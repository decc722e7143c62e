"""Sessions: kept in the database, so that they hold on every process and can be ended at once."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from persistent import Persistent

from egov.base import clock, ids
from egov.model.btrees import NameTree

_SEEN_EVERY = timedelta(minutes=1)


class Session(Persistent):
    """One sign-in of one person at one browser."""

    waits_for_code: bool = False  # the password was right, the second factor is still to come
    challenge: bytes = b""  # of the ceremony with a security key that has begun
    seen_as: str = ""  # the id of the person through whose eyes this one looks, reading only
    begun: tuple[tuple[str, int], ...] = ()  # (token of a form, uid of what it has made)
    flash: tuple[
        tuple[str, ...], ...
    ] = ()  # (tone, message, address that takes it back) shown once on the next page
    # Forms that were done: the mark of the sending, where it led, and what was said.
    sent: tuple[tuple[str, str, tuple[tuple[str, ...], ...]], ...] = ()
    clipboard: tuple[str, tuple[int, ...]] = ("", ())  # "cut" or "copy", and the uids

    def __init__(self, key: str, user_id: str, address: str, agent: str) -> None:
        self.key = key
        self.user_id = user_id
        self.address = address
        self.agent = agent[:200]
        self.csrf = ids.new_token()
        self.created = self.seen = clock.now()

    def is_live(self, idle: timedelta, absolute: timedelta) -> bool:
        """Whether neither the idle nor the absolute limit has passed."""
        now = clock.now()
        return now - self.seen < idle and now - self.created < absolute

    def touch(self) -> None:
        """Note that the person is there; writes at most once a minute."""
        if clock.now() - self.seen >= _SEEN_EVERY:
            self.seen = clock.now()


class Sessions(Persistent):
    """All open sessions, keyed by the hash of their token: a copy of the database opens none of them."""

    def __init__(self) -> None:
        self._sessions = NameTree()

    @staticmethod
    def _key(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    def start(self, user_id: str, address: str = "", agent: str = "") -> tuple[str, Session]:
        """Open a session; returns the token for the cookie, which is not kept, and the session."""
        token = ids.new_token()
        key = self._key(token)
        session = Session(key, user_id, address, agent)
        self._sessions[key] = session
        return token, session

    def find(self, token: str) -> Session | None:
        """The session of a token, live or not."""
        found: Session | None = self._sessions.get(self._key(token))
        return found

    def end(self, session: Session) -> None:
        """End a session; ending it twice changes nothing."""
        self._sessions.pop(session.key, None)

    def of_user(self, user_id: str) -> list[Session]:
        """A person's open sessions, newest first."""
        found = [s for s in self._sessions.values() if s.user_id == user_id]
        return sorted(found, key=lambda s: s.created, reverse=True)

    def sweep(self, older_than: datetime) -> int:
        """Remove sessions not seen since; returns how many."""
        stale = [key for key, s in self._sessions.items() if s.seen < older_than]
        for key in stale:
            del self._sessions[key]
        return len(stale)
