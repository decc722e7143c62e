"""Passwords: argon2 hashes, and what a password must be."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from egov.base.errors import Invalid
from egov.base.i18n import _

MIN_LENGTH = 10
MAX_LENGTH = 128
_GUESSED = 72  # characters that the estimate looks at
_SAFE = 3  # of 4: some 100 million guesses
_OURS = ["egov", "admin", "guanliyuan", "zhengfu", "zhongguo"]

_hasher = PasswordHasher()
# Verified against when the account does not exist, so that both answers take the same time.
_decoy = _hasher.hash("no account has this password")


def use_hasher(hasher: PasswordHasher) -> None:
    """Hash with other costs than argon2's defaults: for tests and for machines that need more."""
    global _hasher, _decoy  # noqa: PLW0603  one hasher per process, chosen at start
    _hasher = hasher
    _decoy = hasher.hash("no account has this password")


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _hasher.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password belongs to the hash; None costs the same time and is never right."""
    try:
        return (
            _hasher.verify(password_hash or _decoy, password[:MAX_LENGTH])
            and password_hash is not None
        )
    except (VerificationError, InvalidHashError):
        return False


def check_strength(password: str, user_id: str = "") -> None:
    """Raise Invalid unless the password is long, mixed and hard to guess.

    GB/T 22239-2019 asks for complexity; common passwords, words, dates and rows of keys are found as an attacker
    would guess them (Wheeler 2016), even with letters replaced by figures.
    """
    classes = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    mixed = sum(any(test(c) for c in password) for test in classes)
    if len(password) < MIN_LENGTH or len(password) > MAX_LENGTH or mixed < 3:
        message = _("密码需要 10 至 128 个字符，并含大写字母、小写字母、数字、符号中的至少三种。")
        raise Invalid(message, {"password": message})
    if user_id and user_id.lower() in password.lower():
        message = _("密码不能包含用户名。")
        raise Invalid(message, {"password": message})
    if zxcvbn(password[:_GUESSED], user_inputs=[user_id, *_OURS])["score"] < _SAFE:
        message = _("这个密码太常见或太好猜，请换用几个不相关的词，或更长的密码。")
        raise Invalid(message, {"password": message})
