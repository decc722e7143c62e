"""Opening a database: what an open one does for every object that it loads."""

from BTrees.Length import Length
from persistent.mapping import PersistentMapping

from egov.storage import opening
from egov.storage.opening import open_database


def test_a_class_is_looked_for_once_however_many_objects_are_loaded(tmp_path, monkeypatch):
    uri = f"file://{tmp_path}/Data.fs?blobstorage_dir={tmp_path}/blobs"
    database = open_database(uri, create=True)
    with database.transaction() as connection:
        for number in range(20):
            connection.root()[number] = PersistentMapping({"count": Length(number)})
    database.close()
    looked, usual = [], opening.find_global
    monkeypatch.setattr(
        opening, "find_global", lambda *names: looked.append(names) or usual(*names)
    )
    opening._class_of.cache_clear()

    database = open_database(uri)
    with database.transaction() as connection:
        counts = [connection.root()[number]["count"]() for number in range(20)]
    database.close()

    assert counts == list(range(20))
    assert sorted(looked) == sorted(set(looked))
    assert ("BTrees.Length", "Length") in looked
