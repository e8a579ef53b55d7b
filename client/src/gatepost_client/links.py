"""Addresses to send a browser to, and what PKCE needs. Nothing here talks to the server."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from typing import Literal
from urllib.parse import urlencode

from gatepost_client.options import Options

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Links:
    """What a client knows without asking."""

    def __init__(self, options: Options) -> None:
        self._options = options

    def build_authorize_url(
        self,
        redirect_uri: str | None = None,
        response_type: str | None = None,
        response_mode: str | None = None,
        state: str | None = None,
        nonce: str | None = None,
        scope: str | None = None,
        code_challenge_method: Literal["S256", "plain"] | None = None,
        code_challenge: str | None = None,
    ) -> str:
        """Where somebody signs in on the server's own pages (`GET /oidc/auth`).

        `state` and `nonce` are random where they are left out; hand in your own to check them
        when the browser comes back. ValueError without a redirect URI, here or in the client.
        """
        back = redirect_uri or self._options.redirect_uri
        if not back:
            raise ValueError("redirect_uri is needed, here or in the client")
        scope = scope or "openid profile email phone address"
        asked = {
            "client_id": self._options.app_id,
            "redirect_uri": back,
            "response_type": response_type or "code",
            "scope": scope,
            "state": state or _random(),
            "nonce": nonce or _random(),
            "response_mode": response_mode,
            "code_challenge": code_challenge,
            "code_challenge_method": code_challenge_method,
            "prompt": "consent" if "offline_access" in scope.split() else None,
        }
        return self._url("/oidc/auth", asked)

    def build_logout_url(
        self,
        redirect_uri: str | None = None,
        id_token: str | None = None,
        state: str | None = None,
    ) -> str:
        """Where a browser goes to end its session (`GET /oidc/session/end`).

        The address has the id token in it: do not log it. ValueError for a redirect URI without
        an id token, which servers refuse.
        """
        back = redirect_uri or self._options.post_logout_redirect_uri
        if redirect_uri and not id_token:
            raise ValueError("redirect_uri takes the id_token too")
        if not id_token:
            return self._url("/oidc/session/end", {"state": state})
        asked = {"id_token_hint": id_token, "post_logout_redirect_uri": back, "state": state}
        return self._url("/oidc/session/end", asked)

    def generate_code_challenge(self, length: int = 43) -> str:
        """A random PKCE code verifier of 43 to 128 characters (RFC 7636 section 4.1)."""
        if not 43 <= length <= 128:
            raise ValueError("length is from 43 to 128")
        return _random(length)

    def generate_code_challenge_digest(
        self, code_challenge: str, method: Literal["S256", "plain"] = "S256"
    ) -> str:
        """The code challenge of a verifier (RFC 7636 section 4.2)."""
        if len(code_challenge) < 43:
            raise ValueError("a code verifier has at least 43 characters")
        if method == "plain":
            return code_challenge
        digest = hashlib.sha256(code_challenge.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _url(self, path: str, asked: dict[str, str | None]) -> str:
        said = {name: value for name, value in asked.items() if value}
        return self._options.app_host + path + (f"?{urlencode(said)}" if said else "")


def _random(length: int = 22) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))
