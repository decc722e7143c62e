"""Between engines nothing changes."""

import gc

import pytest
import transaction

from egov.model.files import StoredFile
from egov.storage.converting import convert
from egov.storage.engine import SafeStorage
from egov.storage.errors import NoDatabase, Refused
from egov.storage.opening import open_database
from tests.soak.worker import uri_of

SQLITE = """
%import relstorage
<zodb main>
  <relstorage>
    keep-history true
    blob-dir {folder}/blobs
    shared-blob-dir false
    <sqlite3>
      data-dir {folder}/sqlite
    </sqlite3>
  </relstorage>
</zodb>
"""


@pytest.fixture
def source(tmp_path):
    """The URI of a database with history and files."""
    folder = tmp_path / "source"
    folder.mkdir()
    database = open_database(uri_of(folder), create=True)
    for number in range(5):
        with database.transaction() as connection:
            connection.root()["value"] = number
            connection.root()[number] = StoredFile(b"%d" % number * 5000, "a.bin", "application/x")
    database.close()
    return uri_of(folder)


def contents(uri):
    database = open_database(uri)
    with database.transaction() as connection:
        root = connection.root()
        found = {
            key: value.open().read() if key != "value" else value for key, value in root.items()
        }
    database.close()
    transaction.abort()
    return found


@pytest.mark.filterwarnings("ignore")
def test_a_database_goes_to_another_engine_and_back(source, tmp_path):
    pytest.importorskip("relstorage")
    config = tmp_path / "zodb.conf"
    config.write_text(SQLITE.format(folder=tmp_path))
    back = tmp_path / "back"
    back.mkdir()

    there = convert(source, f"zconfig://{config}#main")
    home = convert(f"zconfig://{config}#main", uri_of(back))

    assert there == home
    assert there.blobs == 5
    assert contents(uri_of(back)) == contents(source)


def test_a_target_that_is_not_empty_is_refused(source, tmp_path):
    with pytest.raises(NoDatabase):
        convert(uri_of(tmp_path), source)
    (tmp_path / "other").mkdir()
    open_database(uri_of(tmp_path / "other"), create=True).close()

    with pytest.raises(Refused, match="不是空的"):
        convert(source, uri_of(tmp_path / "other"))


@pytest.mark.filterwarnings(
    "ignore"
)  # the copy that is interrupted leaves ZODB's own iterator open
def test_what_was_interrupted_goes_on_and_does_not_open_before(source, tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    other = uri_of(tmp_path / "other")
    with monkeypatch.context() as patched:
        patched.setattr(SafeStorage, "tpc_finish", failing_after(3, SafeStorage.tpc_finish))
        with pytest.raises(KeyboardInterrupt):
            convert(source, other)

    with pytest.raises(Refused, match="没有完成"):
        open_database(other)

    done = convert(source, other)
    assert (done.blobs, contents(other)) == (5, contents(source))
    assert convert(source, other) == done  # nothing is left to do
    gc.collect()


def failing_after(count, function):
    """A function that is interrupted when it is called once more than so often."""
    calls = iter(range(count))

    def call(*args, **kwargs):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return function(*args, **kwargs)

    return call
