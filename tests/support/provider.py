"""A real identity provider for the tests: OpenID Connect on Authlib's server parts, over HTTP on a loopback port."""

import contextlib
import json
from collections import defaultdict
from types import SimpleNamespace

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import KeySet, RSAKey
from waitress.server import create_server
from webob import Request, Response

from tests.support import serving

KEY = RSAKey.generate_key(2048, {"kid": "1"})
CLIENT, SECRET = "egov", "a-secret-of-the-client"


class _Payload(OAuth2Payload):
    def __init__(self, params):
        self.params = params

    @property
    def data(self):
        return dict(self.params)

    @property
    def datalist(self):
        found = defaultdict(list)
        for key, value in self.params.items():
            found[key].append(value)
        return found


class _Asked(OAuth2Request):
    def __init__(self, request):
        super().__init__(request.method, request.url, headers=dict(request.headers))
        self.payload = _Payload(request.params)
        self._args, self._form = request.GET, request.POST

    @property
    def args(self):
        return self._args

    @property
    def form(self):
        return self._form


class _Client(ClientMixin):
    def get_client_id(self):
        return CLIENT

    def get_default_redirect_uri(self):
        return None

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri.endswith("/login/oidc/back")

    def check_client_secret(self, client_secret):
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type == "authorization_code"


class _Grant(AuthorizationCodeGrant):
    def save_authorization_code(self, code, request):
        data = request.payload.data
        kept = ("nonce", "code_challenge", "code_challenge_method", "redirect_uri")
        self.server.codes[code] = _code(code, {key: data.get(key) for key in kept}, request)

    def query_authorization_code(self, code, client):
        return self.server.codes.get(code)

    def delete_authorization_code(self, authorization_code):
        self.server.codes.pop(authorization_code.code, None)

    def authenticate_user(self, authorization_code):
        return authorization_code.person


class _Code(OpenIDCode):
    def __init__(self, provider):
        super().__init__(require_nonce=True)
        self.provider = provider

    @property
    def key(self):
        return self.provider.wrong.get("key", self.provider.key)

    def resolve_client_private_key(self, client):
        return KeySet([self.key])

    def get_client_algorithm(self, client):
        return "RS256"

    def get_encode_header(self, client):
        return {"alg": "RS256", "kid": self.key.kid}

    def get_client_claims(self, client):
        return {"iss": self.provider.issuer, "aud": [CLIENT]}

    def get_authorization_code_claims(self, authorization_code):
        claims = super().get_authorization_code_claims(authorization_code)
        return claims | self.provider.wrong.get("claims", {})

    def exists_nonce(self, nonce, request):
        return False

    def generate_user_info(self, user, scope):
        return UserInfo(user)


class Provider(AuthorizationServer):
    """The provider; `person` says who signs in there, `wrong` what it does wrong."""

    def __init__(self):
        super().__init__(scopes_supported=["openid", "profile", "email"])
        self.person = {}
        self.wrong = {}
        self.codes = {}
        self.issued = 0
        self.key = KEY
        self.register_token_generator(
            "default", BearerTokenGenerator(lambda **_facts: "token-" * 8)
        )
        self.register_grant(_Grant, [_Code(self), CodeChallenge(required=True)])

    def query_client(self, client_id):
        return _Client() if client_id == CLIENT else None

    def save_token(self, token, request):
        self.issued += 1

    def send_signal(self, name, *args, **kwargs):
        pass

    def create_oauth2_request(self, request):
        return _Asked(request)

    def handle_response(self, status, body, headers):
        text = json.dumps(body) if isinstance(body, dict) else body
        return Response(text.encode(), status=status, headerlist=list(headers))

    def __call__(self, environ, start_response):
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request):
        about = {
            "issuer": self.wrong.get("issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        if self.wrong.get("down"):
            return Response(status=503)
        if request.path == "/.well-known/openid-configuration":
            return Response(json=about)
        if request.path == "/keys":
            return Response(json=KeySet([self.key]).as_dict(private=False))
        if request.path == "/authorize":
            grant = self.get_consent_grant(request, end_user=self.person or None)
            return self.create_authorization_response(request, self.person or None, grant)
        if request.path == "/token":
            return self.create_token_response(request)
        return Response(status=404)


def _code(code, facts, request):
    person = request.user
    return SimpleNamespace(
        code=code, person=person, **facts, get_redirect_uri=lambda: facts["redirect_uri"],
        get_scope=lambda: request.payload.scope, get_nonce=lambda: facts["nonce"],
        get_auth_time=lambda: None, get_acr=lambda: None, get_amr=lambda: None,
    )  # fmt: skip


@contextlib.contextmanager
def running():
    """The provider on a free port."""
    provider = Provider()
    server = create_server(provider, map={}, host="127.0.0.1", port=0, threads=2)
    provider.issuer = f"http://127.0.0.1:{server.effective_port}"
    with serving.running(server):
        yield provider
