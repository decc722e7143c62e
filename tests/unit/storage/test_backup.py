"""Backups restore every object and blob as it was; damage is found, named and put back."""

import os
import random
import shutil
import time
from datetime import UTC, datetime

import pytest
import transaction
from click.testing import CliRunner

from egov.cli import main
from egov.model.files import StoredFile
from egov.storage.archive import Archive
from egov.storage.backup import backup
from egov.storage.errors import Refused
from egov.storage.mending import mend
from egov.storage.opening import Files, files_of, open_database
from egov.storage.restore import restore
from egov.storage.scrub import kept_digests, scrub
from egov.storage.sums import read_sums
from tests.soak.worker import uri_of
from tests.support import world


@pytest.fixture
def office(tmp_path):
    """A world on disk, its connection and its site."""
    home = tmp_path / "var"
    home.mkdir()
    database = open_database(uri_of(home), create=True)
    connection = database.open()
    site = world.build(connection.root())
    yield home, database, site
    transaction.abort()
    connection.close()
    database.close()


def add(site, number):
    item = world.article(site, title=f"第 {number} 篇")
    picture = StoredFile(os.urandom(2000), f"{number}.bin", "application/octet-stream")
    item.draft.write({**item.draft.values, "attachments": (picture,)}, "author")
    transaction.commit()
    return item


def everything(uri):
    """Every record of a database, and the bytes of every blob."""
    database = open_database(uri)
    found = everything_in(database.storage)
    database.close()
    return found


def everything_in(storage):
    found = {}
    for entry in storage.iterator():
        for record in entry:
            found[record.oid, record.tid] = record.data
            if record.data and storage.is_blob_record(record.data):
                with storage.openCommittedBlobFile(record.oid, record.tid) as source:
                    found[record.oid, record.tid, "blob"] = source.read()
    return found


def files(home):
    return files_of(uri_of(home))


def test_a_backup_while_open_restores_everything(office, tmp_path):
    home, database, site = office
    add(site, 1)
    first = backup(files(home), tmp_path / "backup")
    for number in range(5):
        add(site, number)
    second = backup(files(home), tmp_path / "backup")
    database.close()

    restore(tmp_path / "backup", tmp_path / "restored")

    assert first.blobs == 1
    assert (second.transactions, second.blobs) == (5, 5)
    assert everything(uri_of(tmp_path / "restored")) == everything(uri_of(home))
    assert scrub(files(tmp_path / "restored")).damages == []
    assert Archive(tmp_path / "backup").verify() == []


def test_a_time_between_two_backups_is_restored_to_the_transaction(office, tmp_path):
    home, database, site = office
    backup(files(home), tmp_path / "backup")
    add(site, 1)
    before = everything_in(database.storage)
    time.sleep(0.01)
    at = datetime.now(UTC)
    time.sleep(0.01)
    add(site, 2)
    backup(files(home), tmp_path / "backup")
    database.pack(time.time())
    add(site, 3)
    backup(files(home), tmp_path / "backup")
    database.close()

    restore(tmp_path / "backup", tmp_path / "restored", to=at)

    assert everything(uri_of(tmp_path / "restored")) == before
    database = open_database(uri_of(tmp_path / "restored"))
    with database.transaction() as connection:
        section = connection.root()["site"]["finance"]["news"]
        assert [item.title for item in section.values_in_order()] == ["第 1 篇"]
        assert len(list(connection.root()["site"].audit.newest())) > 0
    database.close()


def test_after_a_pack_a_new_generation_begins_and_keep_removes_the_old_one(office, tmp_path):
    home, database, site = office
    add(site, 1)
    for _number in range(3):
        backup(files(home), tmp_path / "backup", keep=2)
    database.pack(time.time())
    assert len(Archive(tmp_path / "backup").points()) == 2
    assert len(list((tmp_path / "backup/data").iterdir())) == 1

    for _number in range(2):
        backup(files(home), tmp_path / "backup", keep=2)
    database.close()
    restore(tmp_path / "backup", tmp_path / "restored")

    assert len(list((tmp_path / "backup/data").iterdir())) == 1
    assert everything(uri_of(tmp_path / "restored")) == everything(uri_of(home))


def test_damaged_data_is_not_backed_up_and_the_earlier_backup_stays(office, tmp_path):
    home, _database, site = office
    backup(files(home), tmp_path / "backup")
    add(site, 1)
    last = list(read_sums(home / "Data.fs.sums"))[-1]
    flip(home / "Data.fs", last.start + 100)

    with pytest.raises(Refused, match="没有备份"):
        backup(files(home), tmp_path / "backup")

    assert len(Archive(tmp_path / "backup").points()) == 1
    restore(tmp_path / "backup", tmp_path / "restored")


def test_a_damaged_backup_is_not_restored(office, tmp_path):
    home, _database, site = office
    add(site, 1)
    backup(files(home), tmp_path / "backup")
    segment = next((tmp_path / "backup/data").rglob("*.fs"))
    flip(segment, 2000)

    assert Archive(tmp_path / "backup").verify() != []
    with pytest.raises(Refused, match="已损坏"):
        restore(tmp_path / "backup", tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def cut(path):
    """Take the last record of a file away."""
    content = path.read_bytes()
    end = -48 if path.suffix in (".sums", ".fs") else content.rstrip(b"\n").rfind(b"\n") + 1
    path.write_bytes(content[:end])


@pytest.mark.parametrize("change", [os.unlink, cut, lambda path: path.write_text("{}")])
@pytest.mark.parametrize("part", ["points/*.json", "data/*/*.sums", "data/*/*.fs"])
def test_a_backup_that_lacks_a_piece_is_never_restored_as_if_it_were_whole(
    office, tmp_path, part, change
):
    home, _database, site = office
    add(site, 1)
    add(site, 2)
    backup(files(home), tmp_path / "backup")
    change(next((tmp_path / "backup").glob(part)))

    with pytest.raises(Refused):
        restore(tmp_path / "backup", tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


@pytest.mark.parametrize("change", [os.unlink, cut])
def test_after_the_newest_backup_was_damaged_the_next_one_holds_everything_itself(
    office, tmp_path, change
):
    home, database, site = office
    add(site, 1)
    backup(files(home), tmp_path / "backup")
    change(next((tmp_path / "backup/data").rglob("*.sums")))
    assert Archive(tmp_path / "backup").verify() != []

    backup(files(home), tmp_path / "backup")

    restore(tmp_path / "backup", tmp_path / "restored")
    assert everything(uri_of(tmp_path / "restored")) == everything_in(database.storage)


def test_a_file_that_a_backup_does_not_name_is_told(office, tmp_path):
    home, _database, site = office
    add(site, 1)
    add(site, 2)
    backup(files(home), tmp_path / "backup")
    lines = next((tmp_path / "backup/data").rglob("*.blobs"))
    lost = lines.read_text().splitlines()[-1].split()
    cut(lines)

    assert Archive(tmp_path / "backup").verify() == [f"blobs/{lost[0]}-{lost[1]}"]
    assert restore(tmp_path / "backup", tmp_path / "restored").missing == [f"{lost[0]}-{lost[1]}"]


def test_what_one_backup_has_damaged_is_put_back_from_another(office, tmp_path):
    home, database, site = office
    add(site, 1)
    backup(files(home), tmp_path / "backup")
    database.pack()
    backup(files(home), tmp_path / "backup")
    database.close()
    newest = max((tmp_path / "backup/points").iterdir())
    for blobs in (tmp_path / "backup/data").rglob("*.blobs"):
        if blobs.parent.name in newest.read_text():
            blobs.write_text("no list\n")
    next((home / "blobs").rglob("*.blob")).unlink()

    mended = mend(files(home), scrub(files(home)), tmp_path / "backup")

    assert [bool(name) for _damage, name in mended] == [True]
    assert scrub(files(home)).damages == []


def flip(path, at):
    with path.open("r+b") as target:
        target.seek(at)
        byte = target.read(1)[0]
        target.seek(at)
        target.write(bytes([byte ^ 1 << random.randrange(8)]))


def test_every_flipped_byte_is_found_and_put_back(office, tmp_path):
    home, database, site = office
    item = add(site, 1)
    backup(files(home), tmp_path / "backup")
    oid = item.draft._p_oid
    database.close()
    sound = (home / "Data.fs").read_bytes()
    for at in [0, 1, 3, 4, len(sound) - 1, *random.sample(range(4, len(sound)), 60)]:
        flip(home / "Data.fs", at)
        assert scrub(files(home)).damages, at
        (home / "Data.fs").write_bytes(sound)
    entry = list(read_sums(home / "Data.fs.sums"))[-1]
    flip(home / "Data.fs", entry.start + 200)
    blob = next((home / "blobs").rglob("*.blob"))
    blob.chmod(0o600)
    flip(blob, 1000)
    report = scrub(files(home))

    named = {damage.oid: damage for damage in report.damages}
    assert named[oid].class_name == "egov.model.item.Edition"
    assert any(damage.path.startswith("/finance/news") for damage in report.damages)
    assert {damage.what for damage in report.damages} == {"transaction", "blob"}
    assert all(name for _damage, name in mend(files(home), report, tmp_path / "backup"))
    assert scrub(files(home)).damages == []
    assert (home / "Data.fs").read_bytes() == sound


def test_flipped_bytes_of_the_sums_are_put_back_too(office, tmp_path):
    home, database, site = office
    add(site, 1)
    backup(files(home), tmp_path / "backup")
    database.close()
    sound = (home / "Data.fs.sums").read_bytes()
    for at in (48, 60, 80, 95, 96):
        flip(home / "Data.fs.sums", at)
        report = scrub(files(home))
        assert [damage.what for damage in report.damages] == ["sums"]
        mend(files(home), report, tmp_path / "backup")

    assert (home / "Data.fs.sums").read_bytes() == sound


def test_leftovers_of_an_interrupted_backup_do_no_harm(office, tmp_path):
    home, _database, site = office
    backup(files(home), tmp_path / "backup")
    add(site, 1)
    taken = backup(files(home), tmp_path / "backup")
    (tmp_path / f"backup/points/{taken.point.name}.json").unlink()  # killed just before the end

    backup(files(home), tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "restored")

    assert len(list((tmp_path / "backup/data").rglob("*.fs"))) == 2


@pytest.fixture
def egov(tmp_path, monkeypatch):
    """The command on a database of its own."""
    (tmp_path / "var").mkdir()
    config = tmp_path / "test.ini"
    config.write_text(f"[app:main]\nuse = egg:egov\nzodbconn.uri = {uri_of(tmp_path / 'var')}\n")
    monkeypatch.setenv("EGOV_CONFIG", str(config))
    return lambda *args: CliRunner().invoke(main, [str(arg) for arg in args])


def test_the_commands_do_it(egov, tmp_path):
    assert "请先运行 egov init" in egov("check").output
    assert egov("init", "--password", world.PASSWORD).exit_code == 0
    assert egov("backup", tmp_path / "backup", "--keep", 3, "--check").exit_code == 0
    assert egov("pack", "--days", 0).exit_code == 0
    assert egov("scrub").exit_code == 0
    assert egov("restore", tmp_path / "backup", "--into", tmp_path / "again").exit_code == 0
    assert egov("restore", tmp_path / "backup", "--into", tmp_path / "again").exit_code == 1
    flip(tmp_path / "var/Data.fs", 1000)
    assert egov("scrub").exit_code == 1
    shutil.rmtree(tmp_path / "var")
    (tmp_path / "again").rename(tmp_path / "var")
    assert egov("check").exit_code == 0
    assert egov("scrub", "--backup", tmp_path / "backup").exit_code == 0


def test_scrub_with_a_backup_puts_back(egov, tmp_path):
    egov("init", "--password", world.PASSWORD)
    egov("backup", tmp_path / "backup")
    flip(tmp_path / "var/Data.fs", 1000)

    result = egov("scrub", "--backup", tmp_path / "backup")

    assert result.exit_code == 0
    assert "已从备份" in result.output
    assert isinstance(files(tmp_path / "var"), Files)


def test_a_damaged_record_of_a_file_stops_no_scrub_and_smaller_pictures_are_watched():
    oid, other = b"\0" * 8, b"\1" * 8
    whole = {"blob": oid, "digest": "d", "size": 1, "smaller": ((320, other, "e", 2),)}
    assert kept_digests(whole) == {oid: ("d", 1), other: ("e", 2)}
    assert kept_digests({"blob": oid, "diges_": "d", "size": 1}) == {}
    assert kept_digests({"smaller": ((320,), 5, (1, [], "e", 2))}) == {}
    assert kept_digests(None) == {}


def test_a_pack_that_was_killed_long_ago_stops_no_backup(office, tmp_path):
    home, database, site = office
    add(site, 1)
    database.close()
    sums = home / "Data.fs.sums"
    sums.with_name("Data.fs.pack.sums").write_bytes(sums.read_bytes())

    assert backup(files(home), tmp_path / "backup").transactions > 0
    assert not sums.with_name("Data.fs.pack.sums").exists()
    assert scrub(files(home)).damages == []
