"""How apps sign people in at a server: each official SDK and two standard clients, unchanged."""

from __future__ import annotations

import secrets
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import authing  # type: ignore[import-untyped]
import genauth  # type: ignore[import-untyped]
import httpx
from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.jwk import KeySet
from msgspec import Struct

from tests.support.sdks import Node

Tokens = dict[str, Any]
SCOPE = "openid profile email offline_access"


class Registered(Struct, frozen=True):
    """An app as its programmer knows it."""

    url: str
    app_id: str
    secret: str
    back: str
    gone: str


class SignInClient(Protocol):
    """What an app does to sign somebody in and out."""

    def begin(self) -> str:
        """The address to send the browser to."""

    def finish(self, address: str) -> Tokens:
        """The tokens, for the address that the browser came back to; `claims` beside them."""

    def leave(self, id_token: str) -> str:
        """The address to send the browser to, to sign out."""


def query_of(address: str) -> dict[str, str]:
    """What an address says in its query."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


class PythonSignIn:
    """PyPI `genauth` or `authing`."""

    def __init__(self, package: Any, app: Registered, auth: str | None = None) -> None:
        self._app = app
        self._sdk = package.AuthenticationClient(
            app_id=app.app_id,
            app_host=app.url,
            app_secret=app.secret or None,
            redirect_uri=app.back,
            post_logout_redirect_uri=app.gone,
            token_endpoint_auth_method=auth,
        )
        self._state = secrets.token_hex(8)
        self._verifier = self._sdk.generate_code_challenge()

    def begin(self) -> str:
        return str(
            self._sdk.build_authorize_url(
                state=self._state,
                scope=SCOPE,
                code_challenge=self._sdk.generate_code_challenge_digest(self._verifier),
                code_challenge_method="S256",
            )
        )

    def finish(self, address: str) -> Tokens:
        told = query_of(address)
        assert told["state"] == self._state
        tokens = self._sdk.get_access_token_by_code(told["code"], self._verifier)
        assert "error" not in tokens, tokens
        person = self._sdk.get_user_info_by_access_token(tokens["access_token"])
        return (
            tokens
            | {"claims": self._sdk.introspect_token_offline(tokens["id_token"])}
            | {"person": person}
        )

    def leave(self, id_token: str) -> str:
        return str(self._sdk.build_logout_url(id_token=id_token))


class NodeSignIn:
    """npm `authing-node-sdk`. Its address has no proof key, so an app without a secret adds one."""

    def __init__(self, node: Node, app: Registered, auth: str | None = None) -> None:
        self._node, self._app = node, app
        self._options: dict[str, Any] = {
            "appId": app.app_id,
            "appSecret": app.secret,
            "appHost": app.url,
            "redirectUri": app.back,
            "logoutRedirectUri": app.gone,
            "scope": SCOPE,
        }
        if auth is not None:
            self._options["tokenEndPointAuthMethod"] = auth
        self._state = ""
        self._verifier = secrets.token_urlsafe(32) if auth == "none" else None

    def _call(self, method: str, *given: Any) -> Any:
        self._node.order(new=self._options)
        return self._node.order(call=[method, *given])

    def begin(self) -> str:
        made = self._call("buildAuthorizeUrl", {})
        self._state = made["state"]
        if self._verifier is None:
            return str(made["url"])
        challenge = self._call("getCodeChallengeDigest", {"codeChallenge": self._verifier})
        return f"{made['url']}&code_challenge={challenge}&code_challenge_method=S256"

    def finish(self, address: str) -> Tokens:
        told = query_of(address)
        assert told["state"] == self._state
        proof = {"codeVerifier": self._verifier} if self._verifier else {}
        tokens: Tokens = self._call("getAccessTokenByCode", told["code"], proof)
        claims = self._call("parseIDToken", tokens["id_token"])
        person = self._call("getUserInfoByAccessToken", tokens["access_token"])
        return tokens | {"claims": claims, "person": person}

    def leave(self, id_token: str) -> str:
        return str(self._call("buildLogoutUrl", {"idToken": id_token}))


class AuthlibSignIn:
    """Authlib, by what discovery says."""

    def __init__(self, app: Registered, auth: str = "client_secret_basic") -> None:
        self._app = app
        self._metadata = httpx.get(f"{app.url}/oidc/.well-known/openid-configuration").json()
        self._nonce, self._verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
        self._client = OAuth2Client(
            app.app_id,
            app.secret,
            scope=SCOPE,
            redirect_uri=app.back,
            code_challenge_method="S256",
            token_endpoint_auth_method=auth if app.secret else "none",
        )
        self._state = ""

    def begin(self) -> str:
        url, self._state = self._client.create_authorization_url(
            self._metadata["authorization_endpoint"],
            nonce=self._nonce,
            code_verifier=self._verifier,
        )
        return str(url)

    def finish(self, address: str) -> Tokens:
        assert query_of(address)["iss"] == self._metadata["issuer"]
        tokens = self._client.fetch_token(
            self._metadata["token_endpoint"],
            authorization_response=address,
            state=self._state,
            code_verifier=self._verifier,
        )
        keys = KeySet.import_key_set(httpx.get(self._metadata["jwks_uri"]).json())
        token = jwt.decode(tokens["id_token"], keys, ["RS256"])
        claims = CodeIDToken(
            token.claims,
            token.header,
            {"iss": {"values": [self._metadata["issuer"]]}},
            {
                "nonce": self._nonce,
                "client_id": self._app.app_id,
                "access_token": tokens["access_token"],
            },
        )
        claims.validate(leeway=5)
        person = self._client.get(self._metadata["userinfo_endpoint"]).json()
        return dict(tokens) | {"claims": dict(claims), "person": person}

    def leave(self, id_token: str) -> str:
        asked = {"id_token_hint": id_token, "post_logout_redirect_uri": self._app.gone}
        return str(httpx.URL(self._metadata["end_session_endpoint"], params=asked))


class OpenIdClientSignIn:
    """npm `openid-client`, by what discovery says."""

    def __init__(self, node: Node, app: Registered) -> None:
        self._node, self._app = node, app

    def begin(self) -> str:
        app = {
            "issuer": f"{self._app.url}/oidc",
            "clientId": self._app.app_id,
            "clientSecret": self._app.secret,
            "redirectUri": self._app.back,
            "scope": SCOPE,
        }
        return str(self._node.order(begin=app))

    def finish(self, address: str) -> Tokens:
        tokens: Tokens = self._node.order(finish=address)
        return tokens

    def leave(self, id_token: str) -> str:
        return str(self._node.order(leave={"idToken": id_token, "back": self._app.gone}))


def client_of(kind: str, app: Registered, node: Any, auth: str | None = None) -> SignInClient:
    """The client of a kind; `node` gives the Node process that a driver's name stands for."""
    match kind:
        case "genauth":
            return PythonSignIn(genauth, app, auth)
        case "authing":
            return PythonSignIn(authing, app, auth)
        case "node":
            return NodeSignIn(node("driver.cjs"), app, auth)
        case "authlib":
            return AuthlibSignIn(app, auth or "client_secret_basic")
        case _:
            return OpenIdClientSignIn(node("standard.mjs"), app)
