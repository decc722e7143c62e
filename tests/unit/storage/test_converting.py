"""Between engines nothing changes."""

import pytest
import transaction

from egov.model.files import StoredFile
from egov.storage.converting import convert
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
    convert(source, uri_of(tmp_path / "other"))

    with pytest.raises(Refused, match="不是空的"):
        convert(source, uri_of(tmp_path / "other"))
