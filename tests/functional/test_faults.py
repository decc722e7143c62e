"""Faults in real processes: what is acknowledged is there afterwards, whatever happens."""

import pytest

from egov import main
from egov.storage.archive import Archive
from egov.storage.opening import files_of
from egov.storage.restore import restore
from egov.storage.scrub import scrub
from tests.soak.kills import faults, kill_backup, kill_one
from tests.soak.worker import make, uri_of


@pytest.mark.parametrize("options", [(), ("pack",)], ids=["commits", "commits and packs"])
def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path, options):
    make(tmp_path)
    for number in range(5):
        kill_one(tmp_path, f"kill{number}", *options)

        assert faults(tmp_path) == []
    assert (tmp_path / "acknowledged").stat().st_size > 0


def test_a_backup_that_is_killed_leaves_the_earlier_ones_and_the_next_one_works(tmp_path):
    home, folder = tmp_path / "var", tmp_path / "backup"
    home.mkdir()
    make(home)
    for number in range(3):
        kill_backup(home, folder, f"kill{number}")

        assert Archive(folder).verify() == []
        restore(folder, tmp_path / f"restored{number}")
        assert scrub(files_of(uri_of(tmp_path / f"restored{number}"))).damages == []


def test_the_server_does_not_start_without_a_database(tmp_path):
    with pytest.raises(SystemExit, match="egov init"):
        main({}, **{"zodbconn.uri": uri_of(tmp_path)})

    assert not (tmp_path / "Data.fs").exists()
