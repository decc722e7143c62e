"""Sealed backups: the same in every way, but nobody reads them without the key, and nobody changes them unseen."""

import json
import os
import random
import shutil

import pytest

from egov.storage.archive import Archive
from egov.storage.backup import backup
from egov.storage.errors import Refused
from egov.storage.mending import mend
from egov.storage.opening import open_database
from egov.storage.restore import restore
from egov.storage.scrub import scrub
from egov.storage.sums import read_sums
from egov.storage.vault import CHUNK, PlainVault, SealedVault, open_vault
from tests.soak.worker import content_of, make, uri_of
from tests.unit.storage.test_backup import add, everything, files, flip, office

__all__ = ["office"]

SECRET = b"a long sentence that nobody guesses"


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5])
def test_what_is_sealed_is_read_back_from_any_place(tmp_path, size):
    vault = SealedVault(tmp_path, b"k" * 32)
    content = random.Random(size).randbytes(size)
    with vault.writing(tmp_path / "file") as target:
        for start in range(0, size, 100_000):
            target.write(content[start : start + 100_000])

    with vault.reading(tmp_path / "file") as source:
        assert source.read() == content
        for at in (0, size // 2, max(0, size - 3)):
            source.seek(at)
            assert source.read(7) == content[at : at + 7]
    # One byte alone is found in any file sooner or later.
    assert size < 40 or content[:40] not in (tmp_path / "file").read_bytes()


def test_no_change_of_a_sealed_file_is_read(tmp_path):
    vault = SealedVault(tmp_path, b"k" * 32)
    for name in ("one", "two"):
        with vault.writing(tmp_path / name) as target:
            target.write(os.urandom(2 * CHUNK + 100))
    sealed = (tmp_path / "one").read_bytes()
    block = CHUNK + 16
    swapped = sealed[:16] + sealed[16 + block : 16 + 2 * block] + sealed[16 : 16 + block]
    wrong = [
        (tmp_path / "two").read_bytes(),  # another file in its place
        sealed[: 16 + block],  # cut off between two chunks
        sealed[:-1], sealed + b"x", sealed[:10], b"",
        swapped + sealed[16 + 2 * block :],
    ]  # fmt: skip
    chance = random.Random(1)
    places = (0, 8, 16, len(sealed) - 1, *chance.sample(range(len(sealed)), 20))
    wrong += [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in places]

    for content in wrong:
        (tmp_path / "one").write_bytes(content)
        with pytest.raises(Refused), vault.reading(tmp_path / "one") as source:
            source.read()


def test_a_file_that_is_not_finished_does_not_stand_under_its_name(tmp_path):
    for vault in (PlainVault(), SealedVault(tmp_path, b"k" * 32)):
        writing = vault.writing(tmp_path / "file")
        writing.__enter__().write(b"half")
        error = KeyError()
        assert not writing.__exit__(KeyError, error, None)
        assert not (tmp_path / "file").exists()


def test_a_sealed_backup_restores_everything_and_shows_nothing(office, tmp_path):
    home, database, site = office
    folder = tmp_path / "backup"
    add(site, 1)
    backup(files(home), folder, secret=SECRET)
    item = add(site, 2)
    title = item.title.encode()
    second = backup(files(home), folder, secret=SECRET)
    database.close()

    restore(folder, tmp_path / "restored", secret=SECRET)

    assert second.transactions == 1
    assert everything(uri_of(tmp_path / "restored")) == everything(uri_of(home))
    assert Archive(folder, SECRET).verify() == []
    assert title in (home / "Data.fs").read_bytes()
    written = [path for path in folder.rglob("*") if path.is_file() and path.stem != "key"]
    assert not any(title in path.read_bytes() or b"FS30" in path.read_bytes() for path in written)


def test_a_wrong_key_or_none_is_refused_in_words(office, tmp_path):
    home, _database, _site = office
    backup(files(home), tmp_path / "sealed", secret=SECRET)
    backup(files(home), tmp_path / "plain")

    for act in (lambda s: restore(tmp_path / "sealed", tmp_path / "r", secret=s),
                lambda s: backup(files(home), tmp_path / "sealed", secret=s),
                lambda s: Archive(tmp_path / "sealed", s).verify()):  # fmt: skip
        with pytest.raises(Refused, match="密钥不对"):
            act(b"another sentence than that")
        with pytest.raises(Refused, match="已加密"):
            act(None)
    with pytest.raises(Refused, match="没有加密"):
        backup(files(home), tmp_path / "plain", secret=SECRET)
    assert not (tmp_path / "r").exists()


def test_damage_in_a_sealed_backup_is_found_and_never_restored(office, tmp_path):
    home, _database, site = office
    folder = tmp_path / "backup"
    add(site, 1)
    backup(files(home), folder, secret=SECRET)
    for path in [*(folder / "data").glob("*/*"), *(folder / "blobs").iterdir()]:
        sound = path.read_bytes()
        flip(path, len(sound) // 2)
        assert Archive(folder, SECRET).verify() != [], path
        with pytest.raises(Refused):
            restore(folder, tmp_path / "restored", secret=SECRET)
        assert not (tmp_path / "restored").exists()
        path.write_bytes(sound)
    assert Archive(folder, SECRET).verify() == []


def test_damaged_data_is_put_back_from_a_sealed_backup(tmp_path):
    home, folder = tmp_path / "var", tmp_path / "backup"
    home.mkdir()
    make(home)
    database = open_database(uri_of(home))
    with database.transaction() as connection:
        connection.root()["entries"]["a-1"] = content_of("a-1") * 50_000  # several chunks
    database.close()
    backup(files(home), folder, secret=SECRET)
    flip(home / "Data.fs", list(read_sums(home / "Data.fs.sums"))[-1].start + 1_500_000)
    report = scrub(files(home))

    assert all(name for _damage, name in mend(files(home), report, folder, secret=SECRET))
    assert scrub(files(home)).damages == []


def test_an_interrupted_first_backup_leaves_a_folder_that_goes_on(office, tmp_path):
    home, _database, _site = office
    open_vault(tmp_path, SECRET)  # only the key came so far

    backup(files(home), tmp_path, secret=SECRET)

    assert Archive(tmp_path, SECRET).verify() == []


def changed(name):
    """A way to damage what opens a backup: one of its facts becomes another."""

    def change(path):
        facts = json.loads(path.read_text())
        facts[name] = {"salt": "00" * 16, "mark": "0" * 32, "n": 12345, "p": 2}[name]
        path.write_text(json.dumps(facts))

    return change


@pytest.mark.parametrize("place", ["key.json", "points/key"])
def test_what_opens_a_backup_is_there_twice(office, tmp_path, place):
    home, database, _site = office
    database.close()
    folder = tmp_path / "backup"
    backup(files(home), folder, secret=SECRET)
    before, sound = everything(uri_of(home)), (folder / place).read_bytes()

    for damage in (
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"{}"),
        lambda path: flip(path, 9),
        *map(changed, ("salt", "mark", "n", "p")),
    ):
        damage(folder / place)
        assert Archive(folder, SECRET).verify() == [place]
        restore(folder, tmp_path / "restored", secret=SECRET)
        assert everything(uri_of(tmp_path / "restored")) == before
        shutil.rmtree(tmp_path / "restored")

        backup(files(home), folder, keep=1, secret=SECRET)
        assert (folder / place).read_bytes() == sound
        assert Archive(folder, SECRET).verify() == []


def test_a_backup_whose_key_stood_there_once_gets_the_second(office, tmp_path):
    home, _database, _site = office
    backup(files(home), tmp_path / "backup", secret=SECRET)
    (tmp_path / "backup/points/key").unlink()

    backup(files(home), tmp_path / "backup", secret=SECRET)

    assert (tmp_path / "backup/points/key").exists()
