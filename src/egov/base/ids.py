"""Identifiers: unguessable where they are secrets, spread where they are keys."""

from __future__ import annotations

import itertools
import secrets

UID_BITS = 52  # exact as a JSON number, and seven bytes in a pickle

_process = secrets.token_hex(4)
_requests = itertools.count()


def new_uid() -> int:
    """A random positive node id; random keys spread concurrent writes over a BTree's buckets."""
    return secrets.randbits(UID_BITS) or 1


def new_request_id() -> str:
    """A name for a request, unlike any other's; counted, because drawing one lets another thread in each time."""
    return f"{_process}{next(_requests):08x}"


def new_token() -> str:
    """A secret for a cookie or link: 256 bits, URL-safe."""
    return secrets.token_urlsafe(32)


def new_password() -> str:
    """A random password of 16 characters without look-alikes, for printing once."""
    alphabet = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
    while True:
        word = "".join(secrets.choice(alphabet) for _ in range(16))
        if all(any(kind(c) for c in word) for kind in (str.isdigit, str.isupper, str.islower)):
            return word
