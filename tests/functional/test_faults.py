"""Faults, a few times each: what is acknowledged is there afterwards, no damage goes unseen. `make soak` does more."""

import pytest

from egov import main
from egov.storage.errors import Refused
from egov.storage.opening import open_database
from tests.soak.trials import TRIALS
from tests.soak.worker import make, uri_of

TIMES = {"tail": 12, "flips": 10, "disk": 10, "power": 30, "convert": 2, "reindex": 2}


@pytest.mark.parametrize("name", sorted(set(TRIALS) - {"evolve"}))  # which has a test of its own
def test_nothing_is_lost_by(name, tmp_path):
    assert TRIALS[name](tmp_path, TIMES.get(name, 4)) == []


def test_the_server_does_not_start_without_a_database(tmp_path):
    with pytest.raises(SystemExit, match="egov init"):
        main({}, **{"zodbconn.uri": uri_of(tmp_path)})

    assert not (tmp_path / "Data.fs").exists()


@pytest.mark.parametrize(
    "rest", [bytes(5000), b"x" * 40, b"\xff" * 4096], ids=["zeros", "short", "ones"]
)
def test_what_a_power_cut_leaves_after_the_last_transaction_is_cut_off(tmp_path, rest):
    make(tmp_path)
    sound = (tmp_path / "Data.fs").read_bytes()
    (tmp_path / "Data.fs").write_bytes(sound + rest)

    open_database(uri_of(tmp_path)).close()

    assert (tmp_path / "Data.fs").read_bytes() == sound
    assert (tmp_path / "Data.fs.tr0").read_bytes() == rest


def test_half_a_conversion_is_no_database(tmp_path):
    make(tmp_path)
    (tmp_path / "Data.fs.converting").touch()

    with pytest.raises(Refused, match="egov convert"):
        open_database(uri_of(tmp_path))
