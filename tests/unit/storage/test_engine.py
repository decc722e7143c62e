"""What the storage does when the files are not as they were, or the disk is full."""

import errno
import os
import shutil
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
import transaction
from ZODB.config import storageFromString
from ZODB.utils import p64, u64

from egov.model.files import StoredFile
from egov.storage.checked import CheckedIterator
from egov.storage.engine import SafeStorage
from egov.storage.errors import NoDatabase, Refused
from egov.storage.opening import files_of, open_database, remove
from egov.storage.scrub import scrub
from egov.storage.starts import STRETCH
from egov.storage.sums import SumsReader, read_sums, sums_path
from tests.soak.worker import uri_of
from tests.support.full_disk import FullDisk


@pytest.fixture
def folder(tmp_path):
    """A database with ten entries and a file, closed."""
    database = open_database(uri_of(tmp_path), create=True)
    connection = database.open()
    for number in range(10):
        connection.root()[f"entry{number}"] = f"value {number} " * 20
        transaction.commit()
    connection.root()["file"] = StoredFile(b"12345" * 1000, "a.bin", "application/x")
    transaction.commit()
    connection.close()
    database.close()
    return tmp_path


def value(folder, key):
    database = open_database(uri_of(folder))
    with database.transaction() as connection:
        found = connection.root().get(key)
        found = found.size if isinstance(found, StoredFile) else found
    database.close()
    return found


def sums(folder):
    return list(read_sums(sums_path(folder / "Data.fs")))


def test_without_a_database_nothing_is_made(tmp_path):
    with pytest.raises(NoDatabase):
        open_database(uri_of(tmp_path))

    assert not (tmp_path / "Data.fs").exists()


@pytest.mark.parametrize("kept", ["Data.fs.old", "Data.fs.sums", "Data.fs.copy", "blobs"])
def test_a_lost_database_is_not_made_anew(folder, kept):
    shutil.copy(folder / "Data.fs", folder / "Data.fs.copy")
    (folder / "Data.fs").rename(folder / "Data.fs.old")
    for path in folder.glob("Data.fs*"):
        if path.name != kept:
            path.unlink()
    if kept != "blobs":
        (folder / "blobs").rename(folder / "elsewhere")

    for create in (False, True):
        with pytest.raises(Refused):
            open_database(uri_of(folder), create=create)


@pytest.mark.parametrize("size", [0, 3, 4, 500, -1, -3000])
def test_a_shortened_database_is_refused(folder, size):
    data = folder / "Data.fs"
    os.truncate(data, size if size >= 0 else data.stat().st_size + size)

    with pytest.raises(Refused):
        open_database(uri_of(folder))


def test_a_torn_last_transaction_that_was_never_finished_is_cut_off(folder):
    last = sums(folder)[-1]
    record = sums_path(folder / "Data.fs")
    record.write_bytes(record.read_bytes()[:-1] + b"-")  # the process died before it was finished
    os.truncate(folder / "Data.fs", last.end - 7)

    assert value(folder, "file") is None
    assert value(folder, "entry9").startswith("value 9")
    assert (folder / "Data.fs.tr0").stat().st_size == last.length - 7
    assert scrub(files_of(uri_of(folder))).damages == []


def test_a_last_transaction_that_was_whole_is_kept(folder):
    record = sums_path(folder / "Data.fs")
    record.write_bytes(record.read_bytes()[:-1] + b"-")

    assert value(folder, "file") == 5000


def test_a_zeroed_page_in_the_last_transaction_is_refused(folder):
    last = sums(folder)[-1]
    with (folder / "Data.fs").open("r+b") as data:
        data.seek(last.start + 30)
        data.write(bytes(40))

    with pytest.raises(Refused):
        open_database(uri_of(folder))


def test_a_second_process_is_told_so(folder):
    database = open_database(uri_of(folder))

    with pytest.raises(Refused, match="另一个进程"):
        open_database(uri_of(folder))
    database.close()


def test_a_pack_keeps_the_old_file_and_every_object(folder):
    before = (folder / "Data.fs").read_bytes()
    database = open_database(uri_of(folder))
    database.pack(time.time())
    database.close()

    assert (folder / "Data.fs.old").read_bytes() == before
    assert (folder / "Data.fs").stat().st_size < len(before)
    assert [value(folder, f"entry{n}") for n in range(10)] == [
        f"value {n} " * 20 for n in range(10)
    ]
    assert value(folder, "file") == 5000
    assert scrub(files_of(uri_of(folder))).damages == []


def test_an_interrupted_pack_is_undone_or_finished(folder):
    database = open_database(uri_of(folder))
    database.pack(time.time())
    database.close()
    data = folder / "Data.fs"
    packed = data.read_bytes()
    sums_path(data).rename(folder / "Data.fs.pack.sums")  # killed between the last two renames

    assert value(folder, "entry3").startswith("value 3")
    assert not (folder / "Data.fs.pack.sums").exists()
    (folder / "Data.fs.pack").write_bytes(packed[:100])  # killed while packing

    assert value(folder, "entry3").startswith("value 3")
    assert not (folder / "Data.fs.pack").exists()


def test_transactions_of_other_tools_are_taken_in(folder):
    for ours in (".sums", ".pages"):
        (folder / f"Data.fs{ours}").unlink()

    assert value(folder, "entry3").startswith("value 3")
    assert scrub(files_of(uri_of(folder))).damages == []


def test_every_file_of_a_failed_start_is_taken_away(tmp_path):
    open_database(uri_of(tmp_path), create=True).close()

    remove(files_of(uri_of(tmp_path)))

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_changes_nothing_and_the_next_commit_works(folder):
    from ZODB import DB

    storage = FullDisk(*files_of(uri_of(folder)))
    database = DB(storage)
    connection = database.open()
    for left in (0, 10, 100, 3000):
        storage.full_after(left)
        connection.root()["more"] = "x" * 5000
        connection.root()["blob"] = StoredFile(b"9" * 5000, "b.bin", "application/x")
        with pytest.raises(OSError, match="No space"):
            transaction.commit()
        transaction.abort()
        assert connection.root()["entry3"].startswith("value 3")
    storage.left = 10**9
    connection.root()["after"] = "y"
    transaction.commit()
    database.close()

    assert value(folder, "after") == "y"
    assert value(folder, "more") is None
    assert scrub(files_of(uri_of(folder))).damages == []
    assert len(list((folder / "blobs").rglob("*.blob"))) == 1


def test_blobs_and_checksums_are_on_the_disk_before_the_commit_is_acknowledged(folder, monkeypatch):
    synced = []
    filestorage = sys.modules["ZODB.FileStorage.FileStorage"]

    def spying(sync):
        def spy(fd):
            synced.append(Path(f"/proc/self/fd/{fd}").readlink())
            sync(fd)

        return spy

    database = open_database(uri_of(folder))
    connection = database.open()
    connection.root()["new"] = StoredFile(b"6" * 100, "c.bin", "application/x")
    for module, name in ((os, "fsync"), (os, "fdatasync"), (filestorage, "fsync")):
        monkeypatch.setattr(module, name, spying(getattr(module, name)))
    transaction.commit()
    monkeypatch.undo()
    blob = Path(connection.root()["new"].stored()[0])
    connection.close()
    database.close()

    assert synced[0] == blob
    assert blob.parent in synced[1:-2]
    assert synced[-2:] == [folder / "Data.fs.sums", folder / "Data.fs"]


def test_the_database_server_opens_the_same_storage(folder):
    section = f"<safestorage>\npath {folder}/Data.fs\nblob-dir {folder}/blobs\n</safestorage>"
    storage = storageFromString(f"%import egov.storage\n{section}")
    assert isinstance(storage, SafeStorage)
    storage.close()
    (folder / "Data.fs").unlink()

    with pytest.raises(SystemExit, match="restore"):
        storageFromString(f"%import egov.storage\n{section}")


def ids_of_starts(folder, times):
    """The first id that each start gives out, in stretches."""
    for _start in range(times):
        database = open_database(uri_of(folder))
        given = u64(database.storage.new_oid())
        database.close()
        yield given // STRETCH


def test_a_start_gives_ids_after_those_of_every_start_before_although_nothing_was_stored(folder):
    with_objects = u64(max(r.oid for r in _records(folder))) // STRETCH
    starts = list(ids_of_starts(folder, 4))
    assert with_objects < starts[0]
    assert starts == list(range(starts[0], starts[0] + 4))


def test_ids_are_left_to_chance_where_no_start_can_be_noted(folder, monkeypatch, caplog):
    (last,) = ids_of_starts(folder, 1)

    def full(*_args):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("egov.storage.starts.fresh", full)
    starts = set(ids_of_starts(folder, 4))
    assert len(starts) > 1
    assert last < min(starts)
    assert "Data.fs.starts" in caplog.text


def test_the_transactions_since_one_are_read_without_those_before(folder, monkeypatch):
    every = sums(folder)
    with closing(open_database(uri_of(folder))) as database:
        starts = [entry.tid for entry in every] + [p64(u64(entry.tid) + 1) for entry in every]
        for start in (b"\0" * 8, p64(1), *starts):
            with closing(database.storage.iterator(start)) as found:
                assert [one.tid for one in found] == [e.tid for e in every if e.tid >= start]
        monkeypatch.setattr(CheckedIterator, "_scan_forward", None)
        monkeypatch.setattr(CheckedIterator, "_scan_backward", None)
        with closing(database.storage.iterator(every[6].tid)) as found:
            assert next(iter(found)).tid == every[6].tid
        monkeypatch.undo()
        monkeypatch.setattr(SumsReader, "place_from", lambda *_args: None)  # a damaged record
        with closing(database.storage.iterator(every[6].tid)) as found:
            assert [one.tid for one in found] == [e.tid for e in every[6:]]


def _records(folder):
    database = open_database(uri_of(folder))
    with closing(database.storage.iterator()) as transactions:
        found = [record for one in transactions for record in one]
    database.close()
    return found
