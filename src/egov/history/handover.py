"""Audit records handed over: a ZIP whose manifest is signed, so that the receiver can tell that nothing was changed.

The key is the installation's own (Ed25519, RFC 8032), made when it is first needed. Its fingerprint stands on the
auditor's page and in the log itself: a receiver compares it over another way.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from persistent import Persistent

from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.zipping import zipped
from egov.history.audit import AuditLog, Record, has_digest

_LINES, _CHAINS = "records.jsonl", "chains.jsonl"
_SMALL = ("manifest.json", "manifest.sig", "public.pem")
_PARTS = (_LINES, _CHAINS, *_SMALL)
_MAX_SMALL = _MAX_LINE = 1_000_000


class SigningKey(Persistent):
    """The installation's key; its private half leaves the database in no export."""

    def __init__(self) -> None:
        self._private = Ed25519PrivateKey.generate().private_bytes_raw()

    def sign(self, content: bytes) -> bytes:
        """The signature of some bytes."""
        return Ed25519PrivateKey.from_private_bytes(self._private).sign(content)

    def public_pem(self) -> bytes:
        """The public half as PEM."""
        public = Ed25519PrivateKey.from_private_bytes(self._private).public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def fingerprint(self) -> str:
        """What a receiver compares."""
        return fingerprint_of(self.public_pem())


class Checked(NamedTuple):
    """What a sound hand-over says of itself."""

    manifest: Mapping[str, Any]
    fingerprint: str


def fingerprint_of(pem: bytes) -> str:
    """SHA-256 of a public key, in groups of four."""
    digest = hashlib.sha256(pem).hexdigest()
    return " ".join(digest[n : n + 4] for n in range(0, 32, 4))


def as_lines(records: Iterable[Record]) -> Iterator[bytes]:
    """Records as JSON, one to a line, each with its digest."""
    for record in records:
        yield as_json(record) + b"\n"


def as_json(record: Record, **more: Any) -> bytes:
    """A record as JSON, with its digest and what more there is to say of it."""
    facts = record.facts() | {"digest": record.digest} | more
    return json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()


def hand_over(
    key: SigningKey, records: Iterable[Record], log: AuditLog, about: Mapping[str, Any]
) -> Iterator[bytes]:
    """The ZIP, sent while it is made: any number of records, what was found of each chain of the log, a manifest with
    `about` and the digests of both, its signature, and the public key.
    """
    lines, chains = Digested(as_lines(records)), Digested(_chains(log))
    manifest: list[bytes] = []

    def told() -> Iterator[bytes]:
        facts = {
            "records": lines.count,
            "sha256": lines.digest.hexdigest(),
            "chains_sha256": chains.digest.hexdigest(),
            "key": key.fingerprint,
            "signature": "Ed25519",
        }
        whole = {**about, **facts}
        manifest.append(json.dumps(whole, ensure_ascii=False, sort_keys=True, indent=1).encode())
        yield manifest[0]

    def signature() -> Iterator[bytes]:
        yield key.sign(manifest[0])

    public = [key.public_pem()]
    return zipped(zip(_PARTS, (lines, chains, told(), signature(), public), strict=True))


class Digested:
    """Lines that are counted and digested while somebody takes them."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self.digest, self.count = hashlib.sha256(), 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.digest.update(line)
            self.count += 1
            yield line


def _chains(log: AuditLog) -> Iterator[bytes]:
    for found in log.examined():
        facts = found._asdict() | {"faults": [fault._asdict() for fault in found.faults]}
        yield json.dumps(facts, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def check_handover(source: Any) -> Checked:
    """Verify a ZIP that was handed over, however large; raises Invalid naming what is not as it was signed.

    Whether the key is the sender's only its fingerprint tells.
    """
    try:
        with zipfile.ZipFile(source) as packed:
            told, signature, pem = (_small(packed, name) for name in _SMALL)
            manifest = _manifest(told, signature, pem)
            _check_lines(packed, manifest["sha256"])
            _check_chains(packed, manifest)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError):
        raise Invalid(_("这不是移交的审计记录。")) from None
    return Checked(manifest, fingerprint_of(pem))


def _check_chains(packed: zipfile.ZipFile, manifest: Mapping[str, Any]) -> None:
    signed = manifest.get("chains_sha256")  # what was handed over in the first years has none
    if signed is not None and signed != hashlib.sha256(_small(packed, _CHAINS)).hexdigest():
        raise Invalid(_("记录被改过：与签过名的清单不符。"))


def _manifest(told: bytes, signature: bytes, pem: bytes) -> dict[str, Any]:
    try:
        cast(Ed25519PublicKey, load_pem_public_key(pem)).verify(signature, told)
        manifest: dict[str, Any] = json.loads(told)
    except (InvalidSignature, ValueError, TypeError, AttributeError):  # or another kind of key
        raise Invalid(_("签名不符：清单被改过，或不是用这把密钥签的。")) from None
    return manifest


def _small(packed: zipfile.ZipFile, name: str) -> bytes:
    if packed.getinfo(name).file_size > _MAX_SMALL:
        raise Invalid(_("这不是移交的审计记录。"))
    return packed.read(name)


def _check_lines(packed: zipfile.ZipFile, signed: str) -> None:
    """Raise Invalid where the records are not as signed, or one of them was false when it was."""
    digest, number, false = hashlib.sha256(), 0, 0
    with packed.open(_LINES) as part:
        while line := part.readline(_MAX_LINE):
            digest.update(line)
            number += 1
            if not false and not _is_sound(line):
                false = number
    if digest.hexdigest() != signed:
        raise Invalid(_("记录被改过：与签过名的清单不符。"))
    if false:
        raise Invalid(_("第 ${n} 条记录与它的校验值不符。", mapping={"n": false}))


def _is_sound(line: bytes) -> bool:
    try:
        facts = json.loads(line)
        return has_digest(facts, facts.pop("digest"))
    except (ValueError, KeyError, AttributeError):
        return False
