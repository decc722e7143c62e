"""Audit records handed over: a ZIP whose manifest is signed, so that the receiver can tell that nothing was changed.

The key is the installation's own (Ed25519, RFC 8032), made when it is first needed. Its fingerprint stands on the
auditor's page and in the log itself: a receiver compares it over another way.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any, NamedTuple, cast

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
from egov.history.audit import Record, computed_from

MAX_PART = 512 * 1024 * 1024
_PARTS = ("records.jsonl", "manifest.json", "manifest.sig", "public.pem")


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
        facts = record.facts() | {"digest": record.digest}
        yield json.dumps(facts, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def hand_over(
    target: IO[bytes], key: SigningKey, records: Iterable[Record], about: Mapping[str, Any]
) -> None:
    """Write the ZIP: the records, a manifest with `about` and their digest, its signature, and the public key.

    The records are written one by one, so that there may be any number.
    """
    digest, count = hashlib.sha256(), 0
    lines, *others = _PARTS
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        with packed.open(lines, "w", force_zip64=True) as part:
            for line in as_lines(records):
                digest.update(line)
                part.write(line)
                count += 1
        facts = {"records": count, "sha256": digest.hexdigest(), "key": key.fingerprint}
        told = json.dumps({**about, **facts}, ensure_ascii=False, sort_keys=True, indent=1).encode()
        for name, content in zip(others, (told, key.sign(told), key.public_pem()), strict=True):
            packed.writestr(name, content)


def check_handover(source: Any) -> Checked:
    """Verify a ZIP that was handed over; raises Invalid naming what is not as it was signed.

    Whether the key is the sender's only its fingerprint tells.
    """
    lines, told, signature, pem = _parts(source)
    try:
        cast(Ed25519PublicKey, load_pem_public_key(pem)).verify(signature, told)
        manifest = json.loads(told)
    except (InvalidSignature, ValueError, TypeError, AttributeError):  # or another kind of key
        raise Invalid(_("签名不符：清单被改过，或不是用这把密钥签的。")) from None
    if hashlib.sha256(lines).hexdigest() != manifest["sha256"]:
        raise Invalid(_("记录被改过：与签过名的清单不符。"))
    for number, line in enumerate(lines.splitlines(), start=1):
        facts = json.loads(line)
        if facts.pop("digest") != computed_from(facts):
            raise Invalid(_("第 ${n} 条记录与它的校验值不符。", mapping={"n": number}))
    return Checked(manifest, fingerprint_of(pem))


def _parts(source: Any) -> list[bytes]:
    try:
        with zipfile.ZipFile(source) as packed:
            if any(packed.getinfo(name).file_size > MAX_PART for name in _PARTS):
                raise Invalid(_("这不是移交的审计记录。"))
            return [packed.read(name) for name in _PARTS]
    except (KeyError, zipfile.BadZipFile):
        raise Invalid(_("这不是移交的审计记录。")) from None
