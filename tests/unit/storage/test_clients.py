"""What the client of a database server keeps: in memory, or compared."""

from contextlib import closing
from pathlib import Path

import pytest
import ZEO

from egov.storage.clients import MemoryCache, drop_copy
from egov.storage.engine import SafeStorage
from egov.storage.errors import Refused
from egov.storage.opening import open_database, open_storage


@pytest.fixture
def server():
    """A ZEO server with a database in memory; its address."""
    address, stop = ZEO.server()
    yield "zeo://{}:{}".format(*address)
    stop()


def test_objects_are_kept_in_memory_and_served_from_there(server):
    database = open_database(server, create=True)
    cache = database.storage._cache
    assert str(Path(f"/proc/self/fd/{cache.f.fileno()}").readlink()).startswith("/memfd:")
    with database.transaction() as connection:
        connection.root()["word"] = "x" * 5000
    with database.transaction() as connection:
        connection.cacheMinimize()
        assert connection.root()["word"] == "x" * 5000
    assert len(cache) >= 1
    database.close()


def test_its_size_is_what_the_uri_says_as_are_the_connections(server):
    uri = f"{server}?cache_size=3MB&connection_cache_size=70&connection_pool_size=3"
    database = open_database(uri, create=True)
    assert database.storage._cache.maxsize == 3 << 20
    assert (database.getCacheSize(), database.getPoolSize()) == (70, 3)
    database.close()


def test_a_cache_in_a_file_is_refused(server, tmp_path):
    with pytest.raises(Refused, match="缓存文件"):
        open_storage(f"{server}?client=one&var={tmp_path}")


def test_what_does_not_fit_pushes_out_the_oldest():
    cache = MemoryCache(2000)
    for number in range(10):
        cache.store(number.to_bytes(8), b"\0" * 7 + b"\1", None, b"x" * 300)
    found = [number for number in range(10) if cache.load(number.to_bytes(8))]
    assert 9 in found
    assert 0 not in found
    cache.close()


@pytest.mark.parametrize("shared", [0, 1])
def test_only_copies_of_blobs_are_dropped(server, tmp_path, shared):
    blob, other = tmp_path / "blobs/1/2.blob", tmp_path / "other.blob"
    blob.parent.mkdir(parents=True)
    blob.touch()
    other.touch()
    uri = f"{server}?blob_dir={tmp_path}/x/../blobs&shared_blob_dir={shared}"
    storage, _options = open_storage(uri)

    assert drop_copy(storage, str(blob)) is not bool(shared)
    assert blob.exists() is bool(shared)
    assert not drop_copy(storage, str(other))
    assert other.exists()
    storage.close()


def test_the_files_of_the_embedded_storage_are_no_copies(tmp_path):
    (tmp_path / "blobs").mkdir()
    blob = tmp_path / "blobs/1.blob"
    with closing(SafeStorage(f"{tmp_path}/Data.fs", str(blob.parent), create=True)) as storage:
        blob.touch()
        assert not drop_copy(storage, str(blob))
    assert blob.exists()
