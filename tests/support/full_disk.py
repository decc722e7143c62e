"""A disk that can be full."""

from __future__ import annotations

import errno
import os

from egov.storage.engine import SafeStorage


class FullDisk(SafeStorage):
    """A storage on a disk with so many bytes left."""

    left = 10**9

    def full_after(self, count):
        """Leave so many bytes on the disk."""
        storage = self

        class Narrow(type(self._file)):
            def write(self, data):
                storage.left -= len(data)
                if storage.left < 0:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return super().write(data)

        self.left = count
        self._file.close()
        self._file = Narrow(self._file_name, self.pages)
