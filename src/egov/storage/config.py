"""The ZConfig section <safestorage>, for the database server and for zconfig:// URIs."""

from __future__ import annotations

from ZODB.config import BaseConfig

from egov.storage.engine import SafeStorage


class SafeStorageSection(BaseConfig):
    """<safestorage> with `path` and `blob-dir`; never makes a database."""

    def open(self) -> SafeStorage:
        """The opened storage."""
        return SafeStorage(self.config.path, self.config.blob_dir)
