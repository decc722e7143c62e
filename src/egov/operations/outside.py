"""Links to other sites: asked politely, one question to a server in each round, the answers kept.

Nothing is asked inside a transaction, and a repeated transaction asks nothing again.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from persistent import Persistent

from egov.base import clock
from egov.base.settings import Settings
from egov.catalog.links import OUTSIDE
from egov.model.btrees import NameTree
from egov.model.site import SiteGroup

log = logging.getLogger(__name__)

SERVERS_A_ROUND = 20
SECONDS = 8
HOPS = 5
FAILS = 2  # in a row, until a link counts as dead
AGAIN = timedelta(hours=6)  # after a failure
_AGENT = "egov-link-check/1 (a website's own check of its links)"
# The server is there and has the page, and does not want to show it to a machine.
_FINE = frozenset({401, 403, 405, 406, 429, 451, 503, 999})


class Answer(NamedTuple):
    """What was found at an address: a status, or a word for why there is none; and how often it failed in a row."""

    at: datetime
    told: str
    fails: int = 0


class Outside(Persistent):
    """What is known of the addresses of other sites."""

    def __init__(self) -> None:
        self._known = NameTree()  # address -> Answer

    def get(self, address: str) -> Answer | None:
        """What is known of an address."""
        found: Answer | None = self._known.get(address)
        return found

    def note(self, address: str, told: str, *, is_fine: bool) -> None:
        """Keep an answer."""
        before = self.get(address)
        fails = 0 if is_fine else (before.fails if before is not None else 0) + 1
        self._known[address] = Answer(clock.now(), told, fails)

    def dead(self) -> Iterator[tuple[str, str]]:
        """The addresses that failed again and again, and how."""
        return ((address, a.told) for address, a in self._known.items() if a.fails >= FAILS)

    def forget_but(self, addresses: Any) -> None:
        """Forget what nothing links to any more."""
        for address in [known for known in self._known if known not in addresses]:
            del self._known[address]


def outside_of(site: SiteGroup) -> Outside:
    """What is known of other sites' addresses."""
    found: Outside = site.register("outside", Outside)
    return found


def due_addresses(site: SiteGroup, settings: Settings) -> list[str]:
    """What is to be asked in this round: of each server one address, of which nothing is known for long."""
    days = settings.link_check_days
    known, now = outside_of(site), clock.now()
    chosen: dict[str, str] = {}
    for address in site.catalog.fields.get(OUTSIDE, ()):
        server = urlsplit(address).netloc
        answer = known.get(address)
        wait = AGAIN if answer is not None and answer.fails else timedelta(days=days)
        is_one = server not in chosen and _may_ask(urlsplit(address).hostname, settings)
        if is_one and (answer is None or now - answer.at >= wait):
            chosen[server] = address
            if len(chosen) == SERVERS_A_ROUND:
                break
    return list(chosen.values())


def check_links(site: SiteGroup, manager: Any, settings: Settings) -> int:
    """Ask one round of addresses and keep the answers; returns how many were asked. Nothing where it is turned off."""
    if not settings.link_check_days:
        return 0
    addresses = due_addresses(site, settings)
    manager.abort()
    if not addresses:
        return 0
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda a: ask(a, settings), addresses))
    for attempt in manager.attempts(5):
        with attempt:
            known = outside_of(site)
            for address, (told, is_fine) in zip(addresses, answers, strict=True):
                known.note(address, told, is_fine=is_fine)
    return len(addresses)


def ask(address: str, settings: Settings) -> tuple[str, bool]:
    """Ask a server whether it has a page: what it said, and whether that is fine. Never reads the page itself."""
    try:
        for _hop in range(HOPS):
            status, target = _status(address, "HEAD", settings)
            if status in (404, 405, 500, 501):  # some servers know no HEAD
                status, target = _status(address, "GET", settings)
            if not target:
                return str(status), status < 400 or status in _FINE
            address = urljoin(address, target)
    except (OSError, HTTPException, ValueError) as error:
        log.debug("no answer from %s: %s", address, error)
        return type(error).__name__, False
    return "redirects", False


def _status(address: str, method: str, settings: Settings) -> tuple[int, str]:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(address)
    if not _may_ask(parts.hostname, settings):
        raise ValueError(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    place = _place_of(parts.hostname, parts.port or kind.default_port, settings.link_check_inside)
    connection: Any = kind(parts.hostname, parts.port, timeout=SECONDS)
    # The name is not looked up a second time: the answer to that could lead inside.
    connection._create_connection = lambda _address, *rest: socket.create_connection(place, *rest)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, headers={"User-Agent": _AGENT, "Accept": "*/*"})
        answer = connection.getresponse()
        is_elsewhere = answer.status in (301, 302, 303, 307, 308)
        return answer.status, (answer.getheader("Location") or "") if is_elsewhere else ""
    finally:
        connection.close()


def _may_ask(host: str | None, settings: Settings) -> bool:
    """Whether a server is one of those that the office lets be asked; with no such list any may."""
    allowed = settings.link_check_hosts.split()
    return not allowed or any(host == one or (host or "").endswith(f".{one}") for one in allowed)


def _place_of(host: str, port: int, allows_inside: bool) -> tuple[str, int]:
    """Where to connect: an editor's link must not make the server look into the network that it stands in."""
    found = [e[4] for e in islice(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), 8)]
    if not allows_inside and not all(ip_address(place[0]).is_global for place in found):
        raise ValueError(host)
    return str(found[0][0]), port
