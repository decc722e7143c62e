"""Reading Data.fs without opening it: the records of a transaction, and what can be told of a record."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, NamedTuple

from ZODB._compat import PersistentUnpickler
from ZODB.blob import is_blob_record
from ZODB.broken import find_global
from ZODB.serialize import referencesf
from ZODB.utils import get_pickle_metadata, z64

from egov.storage.sums import Sum

_TRANSACTION = struct.Struct(">8sQcHHH")
_DATA = struct.Struct(">8s8sQQHQ")
STORED_FILE = "egov.model.files.StoredFile"


class Record(NamedTuple):
    """One object as one transaction wrote it; `data` is empty where it repeats an older record."""

    oid: bytes
    tid: bytes
    data: bytes

    @property
    def class_name(self) -> str:
        """The full name of the object's class; empty where it cannot be told."""
        try:
            return ".".join(get_pickle_metadata(self.data)).strip(".")
        except Exception:  # noqa: BLE001  damaged bytes may raise anything
            return ""

    @property
    def is_blob(self) -> bool:
        """Whether the object has a file in the blob folder."""
        return bool(is_blob_record(self.data))

    def state(self) -> Any:
        """The object's state, with oids in the place of persistent objects; None where it cannot be read."""
        try:
            unpickler = PersistentUnpickler(find_global, _oid_of, BytesIO(self.data))
            unpickler.load()
            return unpickler.load()
        except Exception:  # noqa: BLE001  damaged bytes may raise anything
            return None

    def references(self) -> list[bytes]:
        """The oids of the objects it refers to."""
        try:
            return list(referencesf(self.data))
        except Exception:  # noqa: BLE001  damaged bytes may raise anything
            return []


def _oid_of(reference: Any) -> Any:
    return reference[0] if isinstance(reference, tuple) else reference


def records_of(fd: int, entry: Sum) -> Iterator[Record]:
    """The records of a transaction, as far as its bytes make sense."""
    return records_in(os.pread(fd, entry.length, entry.start))


def records_in(buffer: bytes) -> Iterator[Record]:
    """The records in the bytes of a transaction, as far as they make sense."""
    try:
        _tid, _length, _status, *lengths = _TRANSACTION.unpack_from(buffer)
        position = _TRANSACTION.size + sum(lengths)
        while position < len(buffer) - 8:
            oid, tid, _prev, _back, _version, length = _DATA.unpack_from(buffer, position)
            position += _DATA.size
            yield Record(oid, tid, buffer[position : position + length])
            position += length or 8
    except struct.error:
        return


def current_records(fd: int, sums: list[Sum]) -> dict[bytes, Sum]:
    """The transaction that holds each object's newest record."""
    return {record.oid: entry for entry in sums for record in records_of(fd, entry)}


def record_of(fd: int, entry: Sum, oid: bytes) -> Record | None:
    """An object's record in a transaction."""
    return next((found for found in records_of(fd, entry) if found.oid == oid), None)


def path_to(fd: int, current: Mapping[bytes, Sum], oid: bytes, parents: dict[bytes, bytes]) -> str:
    """The path of the node that an object is, or that it belongs to; empty where it cannot be told."""
    seen: set[bytes] = set()
    names: list[str] = []
    while oid in current and oid not in seen and oid != z64:
        seen.add(oid)
        record = record_of(fd, current[oid], oid)
        state = record.state() if record else None
        if isinstance(state, dict) and "__name__" in state:
            names.append(state["__name__"] or "")
            parent = state.get("__parent__")
            if parent is None:
                return "/".join(reversed(names)) or "/"
            oid = parent
        elif names or oid not in parents:
            return ""
        else:
            oid = parents[oid]
    return ""


def referrers(fd: int, sums: list[Sum]) -> dict[bytes, bytes]:
    """For each object one that refers to it."""
    found: dict[bytes, bytes] = {}
    for entry in sums:
        for record in records_of(fd, entry):
            for oid in record.references():
                found[oid] = record.oid
    return found
