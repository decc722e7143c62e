"""Blobs of a transaction that was never finished: gone after the next start, and no others."""

import shutil

import pytest

from egov.model.files import StoredFile
from egov.storage.opening import open_database
from egov.storage.underway import Underway
from tests.soak.worker import uri_of


@pytest.fixture
def folder(tmp_path):
    """A database with one file."""
    (tmp_path / "site").mkdir()
    database = open_database(uri_of(tmp_path / "site"), create=True)
    with database.transaction() as connection:
        connection.root()["kept"] = StoredFile(b"1" * 5000, "a.bin", "application/x")
    database.close()
    return tmp_path / "site"


def _blobs(folder):
    return sorted(path.name for path in (folder / "blobs").rglob("*.blob"))


def _killed(folder, monkeypatch, step):
    """The files as a kill leaves them that comes when a commit with another file is about to take a step."""
    database = open_database(uri_of(folder))
    left, goes_on = folder.parent / "left", getattr(database.storage, step)

    def copied(*told):
        shutil.copytree(folder, left)
        return goes_on(*told)

    monkeypatch.setattr(database.storage, step, copied)
    with database.transaction() as connection:
        connection.root()["lost"] = StoredFile(b"2" * 5000, "b.bin", "application/x")
    database.close()
    return left


@pytest.mark.parametrize(("step", "files"), [("tpc_vote", 1), ("_finish_finish", 2)])
def test_a_kill_leaves_no_file_that_nothing_names(folder, monkeypatch, step, files):
    """What was voted on is finished by the next start, with its file; what was not is gone, and its file, too."""
    before = _blobs(folder)
    left = _killed(folder, monkeypatch, step)
    assert len(_blobs(left)) == 2
    database = open_database(uri_of(left))
    with database.transaction() as connection:
        assert ("lost" in connection.root()) == (files == 2)
    database.close()
    assert len(_blobs(left)) == files
    assert set(before) <= set(_blobs(left))
    assert not (left / "Data.fs.underway").exists()


@pytest.mark.parametrize("way", ["", "blobs/../"])
def test_an_ended_transaction_leaves_no_note(folder, way):
    database = open_database(uri_of(f"{folder}/{way}"))
    with database.transaction() as connection:
        connection.root()["more"] = StoredFile(b"3" * 5000, "c.bin", "application/x")
    assert not (folder / "Data.fs.underway").exists()
    database.close()


@pytest.mark.parametrize("said", ["../outside.blob\n", "0x00/0x\n", "not a name\n", "kept.blob\n"])
def test_a_note_takes_away_nothing_but_what_came_after(tmp_path, said):
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    for path in (tmp_path / "outside.blob", blobs / "kept.blob", blobs / "0x040d57cbdcd329bb.blob"):
        path.write_bytes(b"1")
    (tmp_path / "Data.fs.underway").write_text(said + "0x040d57cbdcd329bb.blob\n")
    later, earlier = bytes.fromhex("040d57cbdcd329bb"), bytes.fromhex("040d57cbdcd329ba")
    Underway(str(tmp_path / "Data.fs"), str(blobs)).settle(later)
    assert len(list(blobs.iterdir())) == 2
    (tmp_path / "Data.fs.underway").write_text(said + "0x040d57cbdcd329bb.blob\n")
    Underway(str(tmp_path / "Data.fs"), str(blobs)).settle(earlier)
    assert [path.name for path in blobs.iterdir()] == ["kept.blob"]
    assert (tmp_path / "outside.blob").exists()
