"""Handing over the file of a blob, of which no byte leaves but as it was stored."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

from pyramid.response import Response

from egov.storage.blobs import BLOCK, CheckedBlob, Stored
from egov.storage.clients import drop_copy
from egov.storage.errors import Damaged

log = logging.getLogger(__name__)


class _Bytes:
    """A part of a blob, or all of it, for the server to send."""

    def __init__(self, request: Any, blob: CheckedBlob, start: int, stop: int) -> None:
        self._request, self._blob, self._start, self._stop = request, blob, start, stop

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._blob.bytes(self._start, self._stop)
        except Damaged as error:  # the connection breaks off
            if not drop_copy(_storage(self._request), self._blob.stored.path):
                self._request.registry.damage.note(error, self._request)
            self.close()
            raise

    def app_iter_range(self, start: int, stop: int) -> _Bytes:
        """What of it a browser asks for."""
        return _Bytes(self._request, self._blob, start, stop)

    def close(self) -> None:
        """The server has sent it."""
        self._blob.close()


def file_response(request: Any, find: Callable[[], tuple[str, str, int]], content_type: str) -> Any:
    """The bytes of what is found, in whole or in part; raises Damaged before anything is sent where it shows by then.

    A damaged copy of what a database server has is fetched anew, once.
    """
    try:
        blob = _begun(find())
    except Damaged as error:
        if not drop_copy(_storage(request), find()[0]):
            raise
        log.warning("a damaged copy is fetched anew: %s", error)
        blob = _begun(find())
    response = Response(conditional_response=True, content_type=content_type)
    response.last_modified = blob.modified
    response.app_iter = _Bytes(request, blob, 0, blob.stored.size)
    response.content_length = blob.stored.size
    return response


def _storage(request: Any) -> Any:
    return request.registry._zodb_databases[""].storage


def _begun(stored: tuple[str, str, int]) -> CheckedBlob:
    """The file, of which the beginning is sound."""
    blob = CheckedBlob(Stored(*stored))
    try:
        for _bytes in blob.bytes(0, min(BLOCK, blob.stored.size)):
            break
    except Damaged:
        blob.close()
        raise
    return blob
