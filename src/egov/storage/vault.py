"""The files of a backup, plain or sealed: how each is written once, at once, and read back.

A sealed file is AES-256-GCM in chunks, so that it is written and read as a stream: a header of 16 bytes, then chunks
of 1 MiB, each with its number, whether it is the last, and the file's name in its seal. A chunk that was changed, cut
off, moved or taken from another file is therefore never read. The key comes from a secret (any text or bytes) by
scrypt; `key.json` holds the salt, and a mark by which a wrong secret is told from damage. Without it nobody opens any
point, so it stands a second time among them.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from egov.base.i18n import _
from egov.storage.errors import Refused
from egov.storage.sums import fresh

log = logging.getLogger(__name__)

CHUNK = 1 << 20
KEPT_KEYS = ("key.json", "points/key")
_MAGIC = b"egov v1\n"
_PREFIX = 8  # random bytes after the magic, the beginning of every nonce
_HEADER = len(_MAGIC) + _PREFIX
_TAG = 16
_SCRYPT = {"n": 1 << 15, "r": 8, "p": 1}
_MARK = b"egov backup"


class Vault(Protocol):
    """A folder of files that are written once."""

    def writing(self, path: Path) -> Any:
        """A context: the file to write, which stands under its name, synchronised, at the end."""

    def reading(self, path: Path) -> IO[bytes]:
        """The file to read, seekable; raises Refused, sooner or later, where it is not what was written."""

    def wrong(self) -> list[str]:
        """The files, of those that open the others, that are missing or not what was written."""


class PlainVault:
    """Files as they are."""

    def writing(self, path: Path) -> Any:
        """The file itself."""
        return fresh(path)

    def reading(self, path: Path) -> IO[bytes]:
        """The file itself."""
        return path.open("rb")

    def wrong(self) -> list[str]:
        """None: whoever has the files reads them."""
        return []


class SealedVault:
    """Files that only the key opens."""

    def __init__(self, home: Path, key: bytes, facts: dict[str, Any] | None = None) -> None:
        self._home = home
        self._cipher = AESGCM(key)
        self._facts = facts

    @contextmanager
    def writing(self, path: Path) -> Iterator[IO[bytes]]:
        """Seals while it writes."""
        with fresh(path) as target:
            raw = _Sealing(target, self._cipher, self._name(path))
            with io.BufferedWriter(raw, CHUNK) as sealing:
                yield sealing
                sealing.flush()
                raw.finish()

    def reading(self, path: Path) -> IO[bytes]:
        """Opens what is read, chunk by chunk."""
        return io.BufferedReader(_Opening(path, self._cipher, self._name(path)), CHUNK)

    def wrong(self) -> list[str]:
        """What the key was made from stands in each place as in that from which it was read."""
        return [name for name in KEPT_KEYS if _facts_in(self._home / name) != self._facts]

    def _name(self, path: Path) -> bytes:
        return path.relative_to(self._home).as_posix().encode()


def _nonce(prefix: bytes, number: int) -> bytes:
    return prefix + number.to_bytes(4, "big")


class _Sealing(io.RawIOBase):
    def __init__(self, target: IO[bytes], cipher: AESGCM, name: bytes) -> None:
        self._target, self._cipher, self._name = target, cipher, name
        self._prefix = secrets.token_bytes(_PREFIX)
        self._waiting = bytearray()
        self._number = 0
        target.write(_MAGIC + self._prefix)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting += data
        while len(self._waiting) > CHUNK:  # the last chunk, even a full one, waits for `finish`
            self._seal(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def finish(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._prefix, self._number)
        self._target.write(self._cipher.encrypt(nonce, chunk, self._name + b"\n%d" % is_last))
        self._number += 1


class _Opening(io.RawIOBase):
    def __init__(self, path: Path, cipher: AESGCM, name: bytes) -> None:
        self._source, self._cipher, self._name, self._path = path.open("rb"), cipher, name, path
        header = self._source.read(_HEADER)
        sealed = os.fstat(self._source.fileno()).st_size - _HEADER
        if header[: len(_MAGIC)] != _MAGIC or sealed < _TAG:
            self._source.close()
            raise self._broken()
        self._prefix = header[len(_MAGIC) :]
        self._count = -(-sealed // (CHUNK + _TAG))
        self._size = sealed - self._count * _TAG
        self._position = 0
        self._open: tuple[int, bytes] = (-1, b"")
        self._chunk(self._count - 1)  # whether the end is the end

    def close(self) -> None:
        self._source.close()
        super().close()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        if self._position >= self._size:
            return 0
        number, within = divmod(self._position, CHUNK)
        piece = self._chunk(number)[within : within + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _chunk(self, number: int) -> bytes:
        if self._open[0] != number:
            self._source.seek(_HEADER + number * (CHUNK + _TAG))
            sealed = self._source.read(CHUNK + _TAG)
            name = self._name + b"\n%d" % (number == self._count - 1)
            try:
                self._open = (
                    number,
                    self._cipher.decrypt(_nonce(self._prefix, number), sealed, name),
                )
            except InvalidTag:
                raise self._broken() from None
        return self._open[1]

    def _broken(self) -> Refused:
        return Refused(_("备份文件 ${path} 已损坏或被改动。", mapping={"path": str(self._path)}))


def open_vault(folder: Path, secret: bytes | None, *, begins: bool = False) -> Vault:
    """The vault of a backup folder; one that is empty becomes sealed where a backup `begins` with a secret.

    Raises Refused for a wrong secret, for none where one is needed, and for one where the folder is not sealed.
    """
    if any((folder / name).exists() for name in KEPT_KEYS):
        if secret is None:
            raise Refused(
                _(
                    "备份 ${path} 已加密，请用 --key-file 指定密钥文件。",
                    mapping={"path": str(folder)},
                )
            )
        key, facts = _opened(folder, secret)
        vault = SealedVault(folder, key, facts)
        if begins:
            for name in vault.wrong():
                log.warning("%s is written again", folder / name)
                _keep(folder / name, facts)
        return vault
    points = list((folder / "points").glob("*.json"))
    if any(_is_sealed(point) for point in points):
        raise _without_key(folder)
    if secret is None or not (points or begins):
        return PlainVault()
    if points:
        raise Refused(
            _("备份 ${path} 没有加密。加密的备份请放在新的目录中。", mapping={"path": str(folder)})
        )
    facts = {**_SCRYPT, "salt": secrets.token_hex(16)}
    key = _derived(facts, secret)
    facts["mark"] = _mark(key)
    for name in KEPT_KEYS:
        _keep(folder / name, facts)
    return SealedVault(folder, key, facts)


def _keep(path: Path, facts: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    with fresh(path) as target:
        target.write(json.dumps(facts, sort_keys=True).encode("ascii"))


def _is_sealed(path: Path) -> bool:
    with path.open("rb") as source:
        return source.read(len(_MAGIC)) == _MAGIC


def _without_key(folder: Path) -> Refused:
    path = str(folder / KEPT_KEYS[0])
    return Refused(_("${path} 不见了或已损坏，加密的备份没有它打不开。", mapping={"path": path}))


def _facts_in(known: Path) -> dict[str, Any] | None:
    """What the key is made from; None where the file is missing or no such thing."""
    try:
        facts = json.loads(known.read_text("ascii"))
        own = {"salt": bytes.fromhex(facts["salt"]).hex(), "mark": str(facts["mark"])}
        return own | {name: int(facts[name]) for name in _SCRYPT}
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _opened(folder: Path, secret: bytes) -> tuple[bytes, dict[str, Any]]:
    """The key, and what it is made from: of what stands in two places that which fits the secret."""
    known = [facts for name in KEPT_KEYS if (facts := _facts_in(folder / name))]
    for facts in known:
        try:
            key = _derived(facts, secret)
        except (ValueError, OverflowError, MemoryError):  # numbers that were changed
            continue
        if hmac.compare_digest(_mark(key), facts["mark"]):
            return key, facts
    if not known:
        raise _without_key(folder)
    raise Refused(_("密钥不对，打不开备份 ${path}。", mapping={"path": str(folder)}))


def _derived(facts: dict[str, Any], secret: bytes) -> bytes:
    cost = {name: facts[name] for name in _SCRYPT}
    memory = 256 * cost["n"] * cost["r"]
    salt = bytes.fromhex(facts["salt"])
    return hashlib.scrypt(secret, salt=salt, **cost, maxmem=memory, dklen=32)


def _mark(key: bytes) -> str:
    return hmac.new(key, _MARK, "sha256").hexdigest()[:32]
