"""Signing in at an identity provider: OpenID Connect Core 1.0, the code flow with PKCE, state and nonce."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Mapping
from http.client import HTTPException
from time import monotonic
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from egov.base import clock, ids
from egov.base.errors import Invalid
from egov.base.i18n import _
from egov.base.settings import Settings
from egov.security.outside import SECONDS, Identity, is_this_machine, no_answer

log = logging.getLogger(__name__)

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # signatures by the provider's key, and no others
_KEPT = 3600  # seconds that what the provider says of itself is believed
_MOST = 1 << 20  # bytes that are read of an answer
_LEEWAY = 60  # seconds that two clocks may differ


class Begun(NamedTuple):
    """A sign-in that has begun: what the browser keeps until it comes back."""

    state: str
    nonce: str
    verifier: str
    came_from: str

    def packed(self) -> str:
        """As the text of a cookie."""
        return urlencode(self._asdict())

    @classmethod
    def unpacked(cls, text: str) -> Begun | None:
        """From the text of a cookie; None for anything else."""
        values = dict(parse_qsl(text, keep_blank_values=True))
        return cls(**values) if values.keys() == set(cls._fields) else None


class Provider:
    """The identity provider of the settings."""

    def __init__(self, settings: Settings) -> None:
        """Raise Invalid for an issuer to which the way could be listened at."""
        issuer = settings.oidc_issuer.rstrip("/")
        if not issuer.startswith("https://") and not is_this_machine(issuer):
            raise Invalid(_("设置 oidc_issuer 须以 https:// 开头。"))
        self._settings, self._issuer = settings, issuer
        self._about: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._known_at = 0.0

    def begin(self, back: str, came_from: str) -> tuple[str, Begun]:
        """Where to send the browser, and what it must bring back."""
        begun = Begun(
            ids.new_token(), ids.new_token(), ids.new_token() + ids.new_token(), came_from
        )
        address, _state = self._client(back).create_authorization_url(
            self._facts()["authorization_endpoint"],
            state=begun.state, nonce=begun.nonce, code_verifier=begun.verifier,
        )  # fmt: skip
        return address, begun

    def finish(self, begun: Begun | None, answer: Mapping[str, str], back: str) -> Identity:
        """Who came back, from the code in the address; raises Invalid for what does not prove it."""
        state = answer.get("state", "")
        if begun is None or not hmac.compare_digest(begun.state.encode(), state.encode()):
            raise Invalid(_("这次登录已过期或不是从这里开始的，请重新登录。"))
        if answer.get("iss", self._issuer).rstrip("/") != self._issuer:  # RFC 9207
            raise _not_proven("answer of another issuer")
        if "code" not in answer:
            log.info("the identity provider refuses: %r", answer.get("error", "")[:100])
            raise Invalid(_("统一身份认证没有确认您的身份，没有登录。"))
        try:
            token = self._client(back).fetch_token(
                self._facts()["token_endpoint"], grant_type="authorization_code", code=answer["code"],
                code_verifier=begun.verifier,
            )  # fmt: skip
        except AuthlibBaseError as error:
            raise _not_proven(error) from error
        return self._identity(self._proven(token, begun.nonce))

    def _proven(self, token: Mapping[str, Any], nonce: str) -> CodeIDToken:
        """The claims of the ID token, with its signature, issuer, audience, age and nonce verified (3.1.3.7)."""
        raw = token.get("id_token")
        options = {
            "iss": {"essential": True, "value": self._issuer_as_told()},
            "aud": {"essential": True, "value": self._settings.oidc_client_id},
        }
        try:
            read = self._read(str(raw))
            params = {"nonce": nonce, "client_id": self._settings.oidc_client_id,
                      "access_token": token.get("access_token")}  # fmt: skip
            claims = CodeIDToken(read.claims, read.header, options, params)
            claims.validate(now=int(clock.now().timestamp()), leeway=_LEEWAY)
        except (JoseError, ValueError) as error:
            raise _not_proven(error) from error
        return claims

    def _read(self, raw: str) -> Any:
        try:
            return jwt.decode(raw, self._key_set(), ALGORITHMS)
        except (JoseError, ValueError):
            self._keys = None  # the provider may have changed its keys since
            return jwt.decode(raw, self._key_set(), ALGORITHMS)

    def _identity(self, claims: CodeIDToken) -> Identity:
        named = str(claims.get(self._settings.oidc_claim) or "")
        email = claims.get("email") if claims.get("email_verified") else ""
        return Identity(
            "oidc", claims["sub"], named, str(claims.get("name") or named), str(email or "")
        )

    def _issuer_as_told(self) -> str:
        told: str = self._facts()["issuer"]
        return told

    def _facts(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0), asked again after an hour."""
        if not self._about or monotonic() - self._known_at > _KEPT:
            about = _fetch(f"{self._issuer}/.well-known/openid-configuration")
            if str(about.get("issuer", "")).rstrip("/") != self._issuer:
                raise _unheard("the provider calls itself another")
            self._about, self._known_at, self._keys = about, monotonic(), None
        return self._about

    def _key_set(self) -> KeySet:
        if self._keys is None:
            self._keys = KeySet.import_key_set(_fetch(self._facts()["jwks_uri"]))  # type: ignore[arg-type]
        return self._keys

    def _client(self, back: str) -> OAuth2Client:
        settings = self._settings
        return OAuth2Client(
            _Way(), settings.oidc_client_id, settings.oidc_client_secret or None,
            scope=settings.oidc_scope, redirect_uri=back, code_challenge_method="S256",
        )  # fmt: skip


class _Answer(NamedTuple):
    """What came back, as Authlib's client reads it."""

    status_code: int
    content: bytes

    def json(self) -> dict[str, Any]:
        """The object in it; raises Invalid for anything else."""
        try:
            found = json.loads(self.content)
        except ValueError as error:
            raise _unheard(error) from error
        if not isinstance(found, dict):
            raise _unheard("no JSON object")
        return found

    def raise_for_status(self) -> None:
        """Raise Invalid where the provider failed."""
        if self.status_code != 200:
            raise _unheard(f"status {self.status_code}")


class _NoRedirects(HTTPRedirectHandler):
    """Who answers is who was asked."""

    def redirect_request(self, *_args: Any) -> None:
        """Follow none."""


class _Way:
    """The way to the provider: with the machine's own list of authorities, no redirects, and an end."""

    _opener = build_opener(_NoRedirects)

    def post(
        self, url: str, data: Mapping[str, str], headers: dict[str, str], auth: Any
    ) -> _Answer:
        """Send a form; raises Invalid if nobody answers."""
        url, headers, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return self.ask(Request(url, body.encode(), headers))  # noqa: S310  the provider of the settings

    def ask(self, request: Request) -> _Answer:
        """The answer, an error's as well."""
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                return _Answer(answer.status, answer.read(_MOST))
        except HTTPError as error:
            return _Answer(error.code, error.read(_MOST))
        except (OSError, HTTPException, ValueError) as error:
            raise _unheard(error) from error


def _fetch(address: str) -> dict[str, Any]:
    answer = _Way().ask(Request(address))  # noqa: S310  the provider of the settings, or what it names
    answer.raise_for_status()
    return answer.json()


def _unheard(error: object) -> Invalid:
    log.warning("the identity provider does not answer: %s", error)
    return no_answer()


def _not_proven(error: object) -> Invalid:
    log.warning("the identity provider's answer proves nothing: %s", error)
    return Invalid(
        _("统一身份认证的回答不能证明您的身份，没有登录。请重新登录，仍不行请联系系统管理员。")
    )
