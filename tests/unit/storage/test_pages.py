"""No byte is read but as it was written: whatever flips in Data.fs while it is open, or between two starts."""

import os
import random
from contextlib import closing, suppress
from pathlib import Path

import pytest
import transaction
from ZODB import DB
from ZODB.POSException import POSKeyError
from ZODB.utils import p64, z64

from egov.storage import guard
from egov.storage.engine import SafeStorage
from egov.storage.errors import Damaged, damage_of
from egov.storage.pages import PAGE, pages_path
from egov.storage.sums import SIZE, read_sums, sums_path

OBJECTS = 12


@pytest.fixture
def data(tmp_path):
    """A database whose objects are a few pages long, some of them written twice and one brought back."""
    storage = SafeStorage(f"{tmp_path}/Data.fs", create=True)
    database = DB(storage)
    connection = database.open()
    for number in range(OBJECTS):
        connection.root()[f"n{number}"] = connection.root().__class__(
            {"text": chr(97 + number) * 37 * number}
        )
        transaction.commit()
    for number in (3, 4):
        connection.root()[f"n{number}"]["text"] = "changed" * 300
        transaction.commit()
    database.undo(database.undoLog(0, 1)[0]["id"])
    transaction.commit()
    connection.close()
    database.close()
    return tmp_path / "Data.fs"


def flip(path, at, bit=0):
    with path.open("r+b") as target:
        target.seek(at)
        byte = target.read(1)[0]
        target.seek(at)
        target.write(bytes([byte ^ 1 << bit]))


def everything(storage):
    """What each way of reading gives, by name; Damaged where it is refused."""
    found = {}

    def read(name, function, *args):
        try:
            found[name] = function(*args)
        except Damaged as error:
            found[name] = error

    for oid in map(p64, range(OBJECTS + 1)):
        read(("load", oid), storage.load, oid)
        read(("before", oid), storage.loadBefore, oid, b"\x7f" + b"\xff" * 7)
        for entry in filter(None, [storage._sums[n] for n in range(len(storage._sums))]):
            with suppress(POSKeyError):
                read(("serial", oid, entry.tid), storage.loadSerial, oid, entry.tid)
    read("iterated", iterated, storage)
    return found


def iterated(storage):
    with closing(storage.iterator()) as entries:
        return [
            (t.tid, t.user, t.description, [(r.oid, r.tid, r.data) for r in t]) for t in entries
        ]


def is_damaged(value):
    return isinstance(value, Damaged)


@pytest.fixture
def only_the_pages(monkeypatch):
    """A start that looks at nothing: what was damaged since the last one is left to whoever reads it."""
    monkeypatch.setattr(guard, "CHECKED_AT_START", 0)


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "unknown"])
def test_a_flipped_bit_is_never_read(data, is_known):
    chance = random.Random(1)
    with closing(SafeStorage(str(data))) as storage:
        sound = everything(storage)
        assert not any(map(is_damaged, sound.values()))
        headers = [storage._index[p64(8)] + n for n in range(0, 42, 4)]
        headers += [storage._sums[6].start + n for n in range(0, 23, 4)]
        for at in [*headers, *(chance.randrange(data.stat().st_size) for _n in range(30))]:
            flip(data, at, bit := chance.randrange(8))
            if not is_known:
                storage.pages.forget()
            found = everything(storage)
            assert any(map(is_damaged, found.values())), at
            assert {k: v for k, v in found.items() if not is_damaged(v)}.items() <= sound.items(), (
                at
            )
            flip(data, at, bit)
        assert everything(storage) == sound


def test_a_page_of_zeros_is_never_read(data):
    with closing(SafeStorage(str(data))) as storage:
        sound, content = everything(storage), data.read_bytes()
        for start in range(0, len(content), 512):
            with data.open("r+b") as target:
                target.seek(start)
                target.write(bytes(min(512, len(content) - start)))
            found = everything(storage)
            assert any(map(is_damaged, found.values())), start
            assert {k: v for k, v in found.items() if not is_damaged(v)}.items() <= sound.items()
            data.write_bytes(content)


def test_the_error_names_what_is_damaged_and_what_to_do(data):
    with closing(SafeStorage(str(data))) as storage:
        at = storage._index[p64(9)]
        tid = storage.load(p64(9))[1]
        flip(data, at + 60)
        storage.pages.forget()

        with pytest.raises(Damaged, match=f"tid 0x{tid.hex()} oid 0x{p64(9).hex()}") as raised:
            storage.load(p64(9))

        assert "egov scrub --backup" in raised.value.message.interpolate()
        assert raised.value.position // PAGE == (at + 60) // PAGE


def test_what_stands_on_other_pages_is_read_also_after_a_start(data, only_the_pages):
    with closing(SafeStorage(str(data))) as storage:
        sound = everything(storage)
        page = storage._index[p64(OBJECTS)] // PAGE
    flip(data, page * PAGE + 100)
    with closing(SafeStorage(str(data))) as storage:
        found = everything(storage)
        elsewhere = [oid for oid, at in storage._index.items() if abs(at // PAGE - page) > 1]

    assert any(map(is_damaged, found.values()))
    assert elsewhere
    assert all(found["load", oid] == sound["load", oid] for oid in elsewhere)


@pytest.mark.parametrize("change", ["missing", "flipped", "short", "of another file"])
def test_marks_that_are_not_of_this_file_are_made_anew(data, change):
    marks = pages_path(data)
    if change == "missing":
        marks.unlink()
    elif change == "short":
        marks.write_bytes(marks.read_bytes()[:21])
    elif change == "flipped":
        flip(marks, 20)
    else:
        marks.write_bytes(marks.read_bytes()[:16] + os.urandom(8 * 40))

    with closing(SafeStorage(str(data))) as storage:
        assert not any(map(is_damaged, everything(storage).values()))


def test_what_was_just_written_is_known(data):
    with closing(DB(SafeStorage(str(data)))) as database:
        for number in range(20):
            with database.transaction() as connection:
                connection.root()["more"] = "more" * 200 * number
        pages = database.storage.pages
        known = [pages._known_of(number, PAGE) for number in range(pages.end() // PAGE)]
        assert all(known[len(known) // 2 :])
        flip(data, database.storage._index[z64] + 50)
        with pytest.raises(Damaged):
            database.storage.load(z64)


def test_what_no_checksum_covers_is_not_read(data, only_the_pages):
    flip(sums_path(data), 5 * SIZE + 9)
    pages_path(data).unlink()
    with closing(SafeStorage(str(data))) as storage:
        found = everything(storage)

    refused = [key for key, value in found.items() if is_damaged(value)]
    assert refused
    assert len(refused) < len(found)


def test_an_index_that_is_not_as_it_was_left_is_made_anew(data):
    index = Path(f"{data}.index")
    with closing(SafeStorage(str(data))) as storage:
        sound = dict(storage._index.items())
        assert storage._used_index
    flip(index, index.stat().st_size // 2)
    with closing(SafeStorage(str(data))) as storage:
        assert dict(storage._index.items()) == sound
        assert not storage._used_index


def test_a_pack_copies_nothing_that_is_damaged(data):
    with closing(DB(SafeStorage(str(data)))) as database:
        with database.transaction() as connection:
            connection.root()["n1"] = None
        flip(data, database.storage._index[p64(9)] + 60)
        before = data.read_bytes()

        with pytest.raises(Damaged):
            database.pack()

        assert data.read_bytes() == before
        assert not Path(f"{data}.pack").exists()


def test_after_a_pack_everything_is_known_and_read(data):
    with closing(DB(SafeStorage(str(data)))) as database:
        database.pack()
        storage = database.storage
        assert not any(map(is_damaged, everything(storage).values()))
        at = storage._index[p64(9)]
        assert storage.pages._known_of(at // PAGE, PAGE)
        flip(data, at + 60)
        with pytest.raises(Damaged):
            storage.load(p64(9))


def test_a_transaction_that_was_given_up_leaves_no_mark(data):
    with closing(DB(SafeStorage(str(data)))) as database:
        for number in range(6):
            connection = database.open(manager := transaction.TransactionManager())
            connection.root()["given"] = "up" * 500 * number
            connection.tpc_begin(manager.get())
            connection.commit(manager.get())
            connection.tpc_vote(manager.get())
            connection.tpc_abort(manager.get())
            manager.abort()
            connection.close()
            with database.transaction() as connection:
                connection.root()["kept"] = "kept" * 300
        assert not any(map(is_damaged, everything(database.storage).values()))
        assert len(list(read_sums(sums_path(data)))) == len(database.storage._sums)


def test_damage_is_known_as_such_behind_a_database_server():
    class ServerException(Exception):
        pass

    sent = ServerException("egov.storage.errors.Damaged", vars(Damaged(7, b"t" * 8, b"o" * 8)))

    assert str(damage_of(sent)) == str(Damaged(7, b"t" * 8, b"o" * 8))
    assert damage_of(ServerException("egov.storage.errors.Refused", {})) is None
    assert damage_of(ValueError()) is None
