"""Passwords: argon2 hashes, and what a password must be."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from egov.base.errors import Invalid
from egov.base.i18n import Message, _

MAX_LENGTH = 128
_GUESSED = 72  # characters that the estimate looks at
_SAFE = 3  # of 4: some 100 million guesses
_OURS = ["egov", "admin", "guanliyuan", "zhengfu", "zhongguo"]


class Rules(NamedTuple):
    """What an office asks of a password besides that it is hard to guess."""

    min_length: int = 10
    kinds: int = 3  # of small and capital letters, figures and signs
    leaked: Path | None = None  # SHA-1 digests of passwords that have leaked, sorted, one a line


_hasher = PasswordHasher()
_rules = Rules()


def use_hasher(hasher: PasswordHasher) -> None:
    """Hash with other costs than argon2's defaults: for tests and for machines that need more."""
    global _hasher  # noqa: PLW0603  one hasher per process, chosen at start
    _hasher = hasher
    _decoy.cache_clear()


@cache
def _decoy() -> str:
    """Verified against when the account does not exist, so that both answers take the same time."""
    return _hasher.hash("no account has this password")


def use_rules(rules: Rules) -> None:
    """Ask this of passwords in this process; at least 8 characters, whatever is set (ASVS 5.0, 6.2.1).

    Raises Invalid for a list of leaked passwords that is not there.
    """
    global _rules  # noqa: PLW0603  one office per process
    if rules.leaked is not None and not rules.leaked.is_file():
        raise Invalid(
            _(
                "没有文件 ${path}（egov.leaked_passwords_file）。",
                mapping={"path": str(rules.leaked)},
            )
        )
    _rules = rules._replace(min_length=max(rules.min_length, 8), kinds=min(rules.kinds, 4))


def rules_told() -> Message:
    """The rules for people to read."""
    return _(
        "${least} 至 ${most} 个字符，含大写字母、小写字母、数字、符号中的至少 ${kinds} 种，不含用户名，不太好猜。",
        mapping={"least": _rules.min_length, "most": MAX_LENGTH, "kinds": _rules.kinds},
    )


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _hasher.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password belongs to the hash; no hash costs the same time and is never right."""
    decoy = _decoy()  # made for whoever signs in first, so that its making tells nothing either
    try:
        return _hasher.verify(password_hash or decoy, password[:MAX_LENGTH]) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def is_leaked(password: str, path: Path) -> bool:
    """Whether a password's SHA-1 digest begins a line of a sorted file, which may be as large as it likes.

    So lists of leaked passwords come (`DIGEST:COUNT`); halving finds the line without reading the file.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as lines:
        low, high = 0, path.stat().st_size
        while low < high:
            middle = (low + high) // 2
            lines.seek(max(middle - 1, 0))
            if middle:
                lines.readline()  # to the first line that begins at the middle or after it
            if lines.tell() < high and lines.readline()[:40].upper() < wanted:
                low = lines.tell()
            else:
                high = middle
        lines.seek(low)
        return lines.readline()[:40].upper() == wanted


def check_strength(password: str, user_id: str = "") -> None:
    """Raise Invalid unless the password is long, mixed and hard to guess.

    GB/T 22239-2019 asks for complexity; common passwords, words, dates and rows of keys are found as an attacker
    would guess them (Wheeler 2016), even with letters replaced by figures.
    """
    classes = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    mixed = sum(any(test(c) for c in password) for test in classes)
    if not _rules.min_length <= len(password) <= MAX_LENGTH or mixed < _rules.kinds:
        message = _(
            "密码需要 ${least} 至 ${most} 个字符，并含大写字母、小写字母、数字、符号中的至少 ${kinds} 种。",
            mapping={"least": _rules.min_length, "most": MAX_LENGTH, "kinds": _rules.kinds},
        )
        raise Invalid(message, {"password": message})
    if user_id and user_id.lower() in password.lower():
        message = _("密码不能包含用户名。")
        raise Invalid(message, {"password": message})
    if _rules.leaked is not None and is_leaked(password, _rules.leaked):
        message = _("这个密码出现在已泄露的密码清单里，请换一个。")
        raise Invalid(message, {"password": message})
    if zxcvbn(password[:_GUESSED], user_inputs=[user_id, *_OURS])["score"] < _SAFE:
        message = _("这个密码太常见或太好猜，请换用几个不相关的词，或更长的密码。")
        raise Invalid(message, {"password": message})
