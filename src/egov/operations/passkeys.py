"""Security keys and passkeys (WebAuthn level 2) as the second factor: adding, removing, signing in with one.

The challenge of a ceremony is kept with the session and is good once.
"""

from __future__ import annotations

from typing import NamedTuple

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from egov.base import clock
from egov.base.errors import Forbidden, Invalid, NotFound
from egov.base.i18n import _
from egov.base.settings import Settings
from egov.model.site import SiteGroup
from egov.operations.accounts import end_all_sessions
from egov.operations.credentials import confirm
from egov.operations.record import record_site
from egov.security.principals import Actor, Passkey, User
from egov.security.second_factor import new_recovery_codes, recovery_hash
from egov.security.sessions import Session

MAX_KEYS = 10
MAX_TITLE = 40
MAX_ANSWER = 20_000


class Party(NamedTuple):
    """Who asks for a key: the host, its origin and the site's title."""

    host: str
    origin: str
    title: str


def begin_adding(user: User, session: Session, party: Party) -> str:
    """The browser's options for making a key, as JSON; begins a new challenge."""
    options = generate_registration_options(
        rp_id=party.host,
        rp_name=party.title,
        user_name=user.id,
        user_display_name=user.name,
        user_id=user.id.encode(),
        exclude_credentials=_known(user),
    )
    session.challenge = options.challenge
    return options_to_json(options)


def add_passkey(
    site: SiteGroup,
    user: User,
    session: Session,
    answer: str,
    title: str,
    *,
    party: Party,
    by: Actor,
) -> list[str]:
    """Take a key that the browser made; returns recovery codes, told this once, if it is the first second factor.

    Raises Forbidden for somebody else's account, Invalid for an answer that does not fit the challenge, or too many.
    """
    if by.id != user.id:
        raise Forbidden(_("只能设置自己的账号。"))
    if len(user.passkeys) >= MAX_KEYS:
        raise Invalid(_("最多添加 10 把安全密钥。"))
    challenge, session.challenge = session.challenge, b""
    try:
        made = verify_registration_response(
            credential=_sent(answer),
            expected_challenge=_begun(challenge),
            expected_rp_id=party.host,
            expected_origin=party.origin,
        )
    except (WebAuthnException, ValueError):
        raise Invalid(_("没有认出这把安全密钥，请再试一次。")) from None
    name = title.strip()[:MAX_TITLE] or "安全密钥"
    key = Passkey(
        made.credential_id, made.credential_public_key, made.sign_count, name, clock.now()
    )
    is_first = not user.has_second
    user.passkeys = (*user.passkeys, key)
    record_site(by, "add_passkey", site, reason=name)
    if not is_first:
        return []
    codes = new_recovery_codes()
    user.recovery = frozenset(recovery_hash(code) for code in codes)
    return codes


def remove_passkey(site: SiteGroup, user: User, key_id: str, *, by: Actor) -> None:
    """Take one of one's own keys away; ends one's sessions. Raises Forbidden, NotFound."""
    if by.id != user.id:
        raise Forbidden(_("只能设置自己的账号。"))
    left = tuple(key for key in user.passkeys if key.key_id.hex() != key_id)
    if len(left) == len(user.passkeys):
        raise NotFound(_("没有这把安全密钥。"))
    user.passkeys = left
    if not user.has_second:
        user.recovery = frozenset()
    end_all_sessions(site, user)
    record_site(by, "remove_passkey", site)


def begin_confirming(user: User, waiting: Session, party: Party) -> str:
    """The browser's options for signing with a key, as JSON, or "" for who has none; begins a new challenge."""
    if not user.passkeys:
        return ""
    options = generate_authentication_options(rp_id=party.host, allow_credentials=_known(user))
    waiting.challenge = options.challenge
    return options_to_json(options)


def confirm_passkey(
    site: SiteGroup,
    waiting: Session,
    answer: str,
    *,
    party: Party,
    settings: Settings,
    address: str = "",
    agent: str = "",
) -> str | None:
    """The token of a full session where the key signed the challenge, as `credentials.confirm_code` for a code."""
    challenge, waiting.challenge = waiting.challenge, b""

    def is_right(user: User) -> bool:
        try:
            signed = parse_authentication_credential_json(_sent(answer))
            (key,) = (k for k in user.passkeys if k.key_id == signed.raw_id)
            found = verify_authentication_response(
                credential=signed,
                expected_challenge=_begun(challenge),
                expected_rp_id=party.host,
                expected_origin=party.origin,
                credential_public_key=key.public_key,
                credential_current_sign_count=key.signed,
            )
        except (WebAuthnException, ValueError):
            return False
        used = key._replace(signed=found.new_sign_count)
        user.passkeys = tuple(used if k is key else k for k in user.passkeys)
        return True

    return confirm(site, waiting, is_right, settings=settings, address=address, agent=agent)


def _known(user: User) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=key.key_id) for key in user.passkeys]


def _begun(challenge: bytes) -> bytes:
    if not challenge:
        raise ValueError("no ceremony has begun")
    return challenge


def _sent(answer: str) -> str:
    if len(answer) > MAX_ANSWER:
        raise ValueError("too long")
    return answer
