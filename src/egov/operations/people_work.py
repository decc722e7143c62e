"""People from a table as long work: a line to a thing, undone as one.

First passwords are kept sealed for whoever has the key that `begin_people` returns, which is kept nowhere: neither the
database nor a backup of it tells one. What the table said of a person is kept until that line's turn.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from egov.base.errors import Conflict
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.batch import Batch
from egov.model.btrees import UidTree
from egov.model.site import SiteGroup
from egov.operations.accounts import set_disabled, set_groups
from egov.operations.batches import batches_of, begin, kind
from egov.operations.organisation import set_posts
from egov.operations.people import Line, import_line, require_importer
from egov.operations.record import require_duty
from egov.security.principals import Actor, Post

PEOPLE, BACK = "import-people", "import-people-back"
_NONCE = bytes(12)  # each message has a key of its own


class Place(NamedTuple):
    """Where a person belongs."""

    posts: tuple[Post, ...]
    groups: frozenset[str]


class Made(NamedTuple):
    """What a line did: whose it is, the new account's sealed password, where the person was before and is since."""

    user: str
    sealed: bytes
    before: Place | None
    after: Place


def begin_people(site: SiteGroup, lines: list[Line], *, by: Actor) -> tuple[Batch, str]:
    """Begin an import; returns it with the key to the passwords that it makes. Raises Forbidden for who has no duty."""
    require_importer(by)
    key = X25519PrivateKey.generate()
    things = [{"title": f"第 {line.number} 行 {line.id}", "line": tuple(line)} for line in lines]
    seal = key.public_key().public_bytes_raw()
    batch = begin(site, PEOPLE, things, {"seal": seal, "forgets": True}, by=by)
    return batch, key.private_bytes_raw().hex()


@kind(PEOPLE, _("导入人员"))
def take_person(site: SiteGroup, batch: Batch, thing: Any, by: Actor) -> None:
    """Make the account of a line, or place the person."""
    require_importer(by)
    line = Line(*thing["line"])
    known = site.directory.user(line.id.lower())
    before = Place(known.posts, known.groups) if known is not None else None
    outcome = import_line(site, line, by)
    user = site.directory.user(line.id.lower())
    after = Place(user.posts, user.groups)
    if batch.kept is None:
        batch.kept = UidTree()
    if before != after:
        sealed = _sealed(batch.arguments["seal"], outcome.password) if outcome.password else b""
        batch.kept[batch.place] = Made(user.id, sealed, before, after)
    batch.things[batch.place] = {"title": thing["title"]}


@kind(BACK, _("撤销导入人员"))
def take_person_back(site: SiteGroup, _batch: Batch, thing: Any, by: Actor) -> None:
    """Close the account that a line made, or put the person back where they were.

    Raises Conflict for who has signed in since or belongs somewhere else by now.
    """
    source = batches_of(site).get(thing["batch"])
    made: Made | None = (
        source.kept.get(thing["place"]) if source is not None and source.kept else None
    )
    user = site.directory.user(made.user) if made is not None else None
    if made is None or user is None:
        raise Conflict(_("这项内容已不存在。"))
    if Place(user.posts, user.groups) != made.after:
        raise Conflict(_("此人的单位或用户组在导入之后又有变化，没有改回。"))
    if made.before is None:
        require_duty(by, Permission.SYSTEM)
        if user.last_login is not None:
            raise Conflict(_("此人已经登录过；要停用账号，请到账号页办理。"))
        set_disabled(site, user, True, by=by)
    before = made.before or Place((), frozenset())
    if before.posts != user.posts:
        set_posts(site, user, before.posts, by=by)
    if before.groups != user.groups:
        set_groups(site, user, before.groups, by=by)


def first_passwords(batch: Batch, key: str) -> list[tuple[str, str]]:
    """The people of an import with their first passwords, as far as they are kept and the key fits."""
    try:
        private = X25519PrivateKey.from_private_bytes(bytes.fromhex(key))
        kept = batch.kept.values() if batch.kept is not None else ()
        return [(made.user, _opened(private, made.sealed)) for made in kept if made.sealed]
    except (ValueError, InvalidTag):
        return []


def has_passwords(batch: Batch) -> bool:
    """Whether first passwords of an import are kept."""
    return batch.kept is not None and any(made.sealed for made in batch.kept.values())


def forget_passwords(batch: Batch) -> None:
    """Forget the first passwords of an import: they have been handed out."""
    kept = batch.kept if batch.kept is not None else UidTree()
    for place, made in list(kept.items()):
        if made.sealed:
            kept[place] = made._replace(sealed=b"")


def _sealed(seal: bytes, password: str) -> bytes:
    once = X25519PrivateKey.generate()
    shared = once.exchange(X25519PublicKey.from_public_bytes(seal))
    return once.public_key().public_bytes_raw() + _cipher(shared).encrypt(
        _NONCE, password.encode(), None
    )


def _opened(private: X25519PrivateKey, sealed: bytes) -> str:
    shared = private.exchange(X25519PublicKey.from_public_bytes(sealed[:32]))
    return _cipher(shared).decrypt(_NONCE, sealed[32:], None).decode()


def _cipher(shared: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), 32, None, b"egov first password").derive(shared))
