"""What refers to nothing, and what nothing refers to: dangling references, missing and orphaned blobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ZODB.blob import FilesystemHelper

from egov.storage.opening import Files
from egov.storage.records import Record, records_of
from egov.storage.scrub import known_sums


def dangling(files: Files) -> list[tuple[Record, bytes]]:
    """Current records that refer to an object that is not there, with its oid. Raises NoDatabase, Refused."""
    current: dict[bytes, Record] = {}
    with Path(files.data).open("rb", buffering=0) as source:
        for entry in known_sums(files.data):
            for record in records_of(source.fileno(), entry):
                current[record.oid] = record._replace(data=b"") if record.is_blob else record
    return [
        (record, oid)
        for record in current.values()
        for oid in record.references()
        if oid not in current
    ]


def orphaned_blobs(files: Files) -> Iterator[Path]:
    """Blob files that no record names, left by a crash; only while no other process writes."""
    if not files.blobs:
        return
    layout = FilesystemHelper(files.blobs)
    named = {_place(layout, record) for record in _records(files)}
    home = Path(
        layout.base_dir
    )  # spelt as in `named`: a path with `..` would be another name of each
    yield from (path for path in home.rglob("*.blob") if path not in named)


def missing_blobs(files: Files) -> Iterator[Path]:
    """Blob files that a record names and that are not there; whether the others are sound, a scrub tells."""
    if not files.blobs:
        return
    layout = FilesystemHelper(files.blobs)
    named = (_place(layout, record) for record in _records(files) if record.is_blob)
    yield from (path for path in named if not path.exists())


def _records(files: Files) -> Iterator[Record]:
    with Path(files.data).open("rb", buffering=0) as source:
        for entry in known_sums(files.data):
            yield from records_of(source.fileno(), entry)


def _place(layout: FilesystemHelper, record: Record) -> Path:
    return Path(layout.getBlobFilename(record.oid, record.tid))


def put_aside(files: Files, path: Path) -> Path:
    """Move an orphaned blob out of the blob folder; returns where it is now."""
    home = Path(f"{files.blobs}.orphans")
    home.mkdir(exist_ok=True)
    target = home / f"{path.parent.name}-{path.name}"
    return path.rename(target)
