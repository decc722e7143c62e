"""The ZConfig section <safestorage>, for the database server and for zconfig:// URIs."""

from __future__ import annotations

from ZODB.config import BaseConfig

from egov.base.errors import EgovError
from egov.base.i18n import told
from egov.storage.engine import SafeStorage


class SafeStorageSection(BaseConfig):
    """<safestorage> with `path` and `blob-dir`; never makes a database."""

    def open(self) -> SafeStorage:
        """The opened storage; ends the process with a message where it may not be opened."""
        try:
            return SafeStorage(self.config.path, self.config.blob_dir)
        except EgovError as error:
            raise SystemExit(f"egov: {told(error.message)}") from None
