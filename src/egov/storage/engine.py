"""SafeStorage: ZODB's FileStorage, with checksums, synchronised blobs, a safe pack and a guard at the door.

The file format is FileStorage's own; every tool of ZODB reads it.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

from persistent.TimeStamp import TimeStamp
from zc.lockfile import LockFile
from ZODB.FileStorage import FileStorage
from ZODB.FileStorage.FileStorage import FileStorageError, RedundantPackWarning, TempFormatter
from ZODB.FileStorage.format import CorruptedError
from ZODB.utils import oid_repr, p64, u64

from egov.storage.checked import CheckedIterator, CheckedPool, WholeFile, pack_checked
from egov.storage.errors import Damaged
from egov.storage.guard import check_before_opening, look_for_folder, settle
from egov.storage.packing import swap, verified_sums
from egov.storage.pages import Pages, is_sealed, seal
from egov.storage.starts import first_id
from egov.storage.sums import Sum, SumsFile, digest_of, scan, sync_folder
from egov.storage.underway import Underway

log = logging.getLogger(__name__)


class SafeStorage(FileStorage):
    """A FileStorage that loses nothing; `create` allows it to make a database where there never was one.

    Raises NoDatabase or Refused (guard), zc.lockfile.LockError while another process has it open. Every method that
    reads raises Damaged where the file does not hold any more what was written.
    """

    packer = staticmethod(pack_checked)

    pages: Any = None
    _files: Any
    _file: Any
    _tfile: Any
    _pack_is_in_progress: bool

    def __init__(self, path: str, blob_dir: str | None = None, *, create: bool = False) -> None:
        path = str(Path(path).absolute())
        look_for_folder(path, create=create)
        with closing(LockFile(path + ".lock")):
            settle(path)
            check_before_opening(path, blob_dir, create=create)
        super().__init__(path, blob_dir=blob_dir)
        self._underway = Underway(path, blob_dir or "")
        self._underway.settle(self.lastTransaction())
        # FileStorage buffers both files. A buffer that could not be written to a full disk is written
        # later, over what was committed since; and FileStorage could not even abort.
        self._tfile.close()
        self._tfile = BytesIO()
        self._tfmt = TempFormatter(self._tfile)
        self._sums = SumsFile(path)
        self._adopt()
        self._files.close()
        self._files = CheckedPool(self._file_name, self._use())
        self._skip_oids()

    def _use(self) -> Pages:
        """Turn to the file that stands under the name, of whose pages nothing is known yet."""
        self._file.close()
        self.pages = Pages(self._file_name, self._sums, self.getSize)
        self._file = WholeFile(self._file_name, self.pages)
        return self.pages

    def _adopt(self) -> None:
        """Take in transactions that other tools of ZODB have written."""
        last = self._sums.last()
        self._sums.extend(scan(self._file_name, last.end if last else 4, self._pos))
        sync_folder(Path(self._file_name).parent)

    def _skip_oids(self) -> None:
        """Begin far after the last object, and after every start before: clients still hold ids that those gave out."""
        if self._index:
            self.set_max_oid(p64(first_id(self._file_name, u64(self._oid))))

    def load(self, oid: bytes, version: str = "") -> tuple[bytes, bytes]:
        """An object's newest record, and its transaction."""
        try:
            return super().load(oid, version)
        except (Damaged, CorruptedError) as error:
            raise self._named(error, oid) from error

    def loadBefore(self, oid: bytes, tid: bytes) -> tuple[bytes, bytes, bytes | None] | None:  # noqa: N802
        """An object's record before a transaction, its own transaction, and the next one."""
        try:
            return super().loadBefore(oid, tid)
        except (Damaged, CorruptedError) as error:
            raise self._named(error, oid) from error

    def loadSerial(self, oid: bytes, serial: bytes) -> bytes:  # noqa: N802
        """An object's record of one transaction."""
        try:
            return super().loadSerial(oid, serial)
        except (Damaged, CorruptedError) as error:
            raise self._named(error, oid) from error

    def _named(self, error: Exception, oid: bytes) -> Damaged:
        where = error if isinstance(error, Damaged) else Damaged(self._index.get(oid, 0))
        log.critical("%s cannot be read: %r", oid_repr(oid), error)
        return Damaged(where.position, where.tid, oid)

    def iterator(self, start: bytes | None = None, stop: bytes | None = None) -> CheckedIterator:
        """The transactions in order."""
        with self._lock:  # not while a pack puts another file in the place
            return CheckedIterator(self._file_name, self._pos, start, stop)

    def _clear_temp(self) -> None:
        super()._clear_temp()
        self._tfile.truncate()

    def tpc_vote(self, transaction: Any) -> Any:
        """Write the transaction and its checksum; raises OSError, with nothing changed, when the disk is full."""
        with self._lock:
            resolved = super().tpc_vote(transaction)
            start, length = self._pos, self._nextpos - self._pos
            status = self._tstatus.encode()
            digest = digest_of(self._file.fileno(), start, length, status)
            self._sums.append(Sum(self._tid, start, length, digest, finished=False))
            return resolved

    def _finish_finish(self, tid: bytes) -> None:
        start = self._pos
        super()._finish_finish(tid)
        self._sums.finish()
        self._underway.forget()
        self.pages.written(self._file.fileno(), start, self._pos)

    def _abort(self) -> None:
        super()._abort()
        self._blob_tpc_abort()  # FileStorage forgets them when it was the vote that failed
        self._underway.forget()
        self._sums.rollback()

    def _blob_storeblob(self, oid: bytes, serial: bytes, blobfilename: str) -> None:
        folder = Path(self.fshelper.getPathForOID(oid))
        self._underway.note(self.fshelper.getBlobFilename(oid, serial))
        known = next(parent for parent in (folder, *folder.parents) if parent.exists())
        super()._blob_storeblob(oid, serial, blobfilename)
        with Path(self.fshelper.getBlobFilename(oid, serial)).open("rb") as blob:
            os.fsync(blob.fileno())
        for changed in (folder, *folder.parents):
            sync_folder(changed)
            if changed == known:
                break

    def pack(self, t: float, referencesf: Any, gc: bool | None = None) -> None:
        """Drop what nobody has referred to since `t`; the packed file is verified before it takes the place.

        Data.fs exists whole at every moment, and the file before the pack stays as Data.fs.old. Raises
        Refused if the packed file is not equal in what it must hold.
        """
        stop = TimeStamp(*time.gmtime(t)[:5], t % 60).raw()
        with self._lock:
            if not self._index:
                return
            if self._pack_is_in_progress:
                raise FileStorageError("Already packing")
            self._pack_is_in_progress = True
        try:
            self._pack_and_swap(stop, referencesf, self._pack_gc if gc is None else gc)
        finally:
            with self._lock:
                self._pack_is_in_progress = False

    def _pack_and_swap(self, stop: bytes, referencesf: Any, gc: bool) -> None:
        try:
            packed = self.packer(self, referencesf, stop, gc)
        except RedundantPackWarning:
            packed = None
        if packed is None:
            return
        end, index = packed  # and the packer has left us the commit lock
        try:
            sums = verified_sums(self, self._file_name + ".pack", index, end)
            with self._files.write_lock(), self._lock:
                self._files.empty()
                swap(self._file_name, sums)
                self._initIndex(index, self._tindex)
                self._pos = end
                self._sums.close()
                self._sums = SumsFile(self._file_name)
                self._files.pages = self._use()
        finally:
            self._commit_lock.release()
        if self.blob_dir:
            shutil.rmtree(self.blob_dir + ".old", ignore_errors=True)
            self._remove_blob_files_tagged_for_removal_during_pack()
        self.pages.complete()
        with self._lock:
            self._save_index()

    def _restore_index(self) -> Any:
        return super()._restore_index() if is_sealed(self._file_name + ".index") else None

    def _save_index(self) -> None:
        try:
            super()._save_index()
            seal(self._file_name + ".index")
            if self.pages is not None:  # not at the first start, before anything is read
                self.pages.save()
        except OSError as error:  # it only makes the next start quicker
            log.warning("the index of %s is not kept: %s", self._file_name, error)

    def close(self) -> None:
        """Let go of the files."""
        super().close()
        self._sums.close()
