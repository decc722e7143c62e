"""Bodies that are made while they are sent: from the database as it was when that began, in bounded memory."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Generator, Iterator
from typing import Any, NamedTuple

from egov.model.site import SiteGroup
from egov.storage.errors import Damaged
from egov.web.apart import write_apart
from egov.web.root import site_in

log = logging.getLogger(__name__)


class Sent(NamedTuple):
    """What has been sent: the digest of all bytes, and whether that was the whole body."""

    digest: str
    is_whole: bool


class Streamed:
    """A body for the server to send; it holds a connection of its own from the first byte until the server closes it.

    `make` gives the bytes; `note` writes down, in a transaction of its own, what was sent, also where the reader went
    away before the end.
    """

    def __init__(
        self,
        request: Any,
        make: Callable[[SiteGroup], Iterator[bytes]],
        note: Callable[[SiteGroup, Sent], object],
    ) -> None:
        self._request, self._make, self._note = request, make, note
        self._chunks = self._run()

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        """The server has sent it, or has nobody any more to send it to."""
        self._chunks.close()

    def _run(self) -> Generator[bytes]:
        connections = self._request.registry.connections
        lease, digest, is_whole = connections.take(), hashlib.sha256(), False
        lease.manager.begin()
        try:
            for chunk in self._make(site_in(lease.attend())):
                digest.update(chunk)
                yield chunk
            is_whole = True
        except Damaged as error:  # the connection breaks off
            self._request.registry.damage.note(error, self._request)
            raise
        finally:
            # Counted here: the next request shall not be told to have loaded them.
            self._request.registry.metrics.loads.inc(lease.loads())
            connections.give_back(lease)
            self._write_down(Sent(digest.hexdigest(), is_whole))

    def _write_down(self, sent: Sent) -> None:
        try:
            write_apart(self._request.registry, lambda site: self._note(site, sent))
        except OSError as error:  # a full disk: what was sent is sent
            log.warning("what was sent is not recorded: %s, request %s", error, self._request.id)
