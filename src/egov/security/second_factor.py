"""The second factor: time-based codes of an authenticator (RFC 6238), and recovery codes for when it is lost."""

from __future__ import annotations

import secrets

import pyotp
import segno

from egov.base import clock
from egov.security.passwords import hash_password, verify

_STEP = 30  # seconds
_RECOVERY_CODES = 8
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A secret for an authenticator, in base 32."""
    return pyotp.random_base32()


def setup_uri(secret: str, user_id: str, site: str) -> str:
    """What the authenticator reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=user_id, issuer_name=site)


def picture(uri: str) -> str:
    """The URI as a QR code, as SVG markup without styles of its own."""
    made: str = segno.make(uri, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff")
    return made


def matching_step(secret: str, code: str, after: int) -> int | None:
    """The time step whose code this is, the present one or a neighbour and later than `after`; None for no such.

    A step is taken once, so that a code that somebody read over a shoulder opens nothing.
    """
    now = int(clock.now().timestamp()) // _STEP
    totp = pyotp.TOTP(secret)
    for step in (now, now - 1, now + 1):
        if step > after and secrets.compare_digest(totp.at(step * _STEP).encode(), code.encode()):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Codes to write down, each good for one sign-in."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(2))
        for _code in range(_RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code: 49 bits of chance are few enough for a slow hash with salt (ASVS 5.0, 6.5.2)."""
    return hash_password(code)


def hash_of_recovery(code: str, kept: frozenset[str]) -> str | None:
    """Which of the hashes that are kept belongs to a code."""
    typed = code.strip().lower()
    is_one = len(typed) == len(new_recovery_codes()[0])
    return next((known for known in kept if verify(known, typed)), None) if is_one else None
