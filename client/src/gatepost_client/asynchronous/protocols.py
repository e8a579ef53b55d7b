"""OpenID Connect and OAuth, and what the server says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatepost_client.answers import Answer
from gatepost_client.asynchronous.session import Session
from gatepost_client.calls import Call
from gatepost_client.data import (
    AppCheck,
    Introspection,
    LoginTokens,
    SigningKeys,
    SystemInfo,
    TokenClaims,
    UserInfo,
)
from gatepost_client.options import fit_for_a_header
from gatepost_client.records import nothing, record
from gatepost_client.signatures import believed, key_id, key_of


class Protocols(Session):
    """The OAuth endpoints. Their answers have no envelope: `answer.data` is all there is."""

    async def get_access_token_by_code(
        self, code: str, code_verifier: str | None = None
    ) -> Answer[LoginTokens]:
        """Tokens for the authorization code that a browser brought back to `redirect_uri`.

        `code_verifier` is what PKCE began with, if it did.

        Refuses: TokenInvalid, ClientUnauthenticated, InvalidRequest, NotSupported.
        POST /oidc/token, RFC 6749 section 4.1.3. ValueError if the client has no `redirect_uri`.
        """
        if not self._options.redirect_uri:
            raise ValueError("the client needs the redirect_uri that the code was asked for with")
        method = self._options.token_endpoint_auth_method
        form = {
            **self._options.in_body(method),
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._options.redirect_uri,
            "code_verifier": code_verifier,
        }
        proof = self._options.in_header(method)
        read = record(LoginTokens)
        call = Call("POST", "/oidc/token", read, form=form, authorization=proof, bare=True)
        return await self._send(call)

    async def get_new_access_token_by_refresh_token(
        self, refresh_token: str
    ) -> Answer[LoginTokens]:
        """New tokens for a refresh token, which is used up by it.

        Not needed for the tokens that the client holds (`set_tokens`): it does that by itself.

        Refuses: TokenInvalid, ClientUnauthenticated, NotSupported.
        POST /oidc/token, RFC 6749 section 6.
        """
        return await self._send(self._refresh_call(refresh_token))

    async def introspect_token(self, token: str) -> Answer[Introspection]:
        """Whether an access or refresh token is good now, and what it says.

        Refuses: ClientUnauthenticated. POST /oidc/token/introspection, RFC 7662.
        """
        method = self._options.introspection_endpoint_auth_method
        form = {**self._options.in_body(method), "token": token}
        call = Call(
            "POST",
            "/oidc/token/introspection",
            record(Introspection),
            form=form,
            authorization=self._options.in_header(method),
            repeatable=True,
            bare=True,
        )
        return await self._send(call)

    async def introspect_token_offline(
        self, token: str, server_jwks: Mapping[str, Any] | None = None
    ) -> TokenClaims:
        """What an access or ID token says, checked by its signature and without asking the server.

        For what is asked very often: whether the session has ended meanwhile only
        `introspect_token` tells. `server_jwks` is the server's JWK set. Without it the client asks
        for it, keeps it for five minutes, and asks again about a key that it has not seen.

        TokenNotBelieved for a token that is of another server or app, altered, or at its end.
        Needs the extra `rsa`. GET /oidc/.well-known/jwks.json, RFC 7515 and RFC 7519.
        """
        kid = key_id(token)
        if server_jwks is None:
            key = key_of((await self._signers(kid)).raw, kid)
        else:
            key = key_of(server_jwks, kid)
        return believed(token, key, self._options.app_id)

    async def _signers(self, kid: str) -> SigningKeys:
        """The server's keys, with the one of that name among them if there is one."""
        known = self._signing_keys.known()
        if known is not None and key_of(known.raw, kid) is not None:
            return known
        path, read = "/oidc/.well-known/jwks.json", record(SigningKeys)
        answer = await self._exchange(Call("GET", path, read, repeatable=True, bare=True), None)
        return self._signing_keys.learned(answer.data)

    async def revoke_token(self, token: str) -> Answer[None]:
        """End the session that an access or refresh token belongs to.

        Refuses: ClientUnauthenticated. POST /oidc/token/revocation, RFC 7009.
        """
        method = self._options.revocation_endpoint_auth_method
        form = {**self._options.in_body(method), "token": token}
        call = Call(
            "POST",
            "/oidc/token/revocation",
            nothing,
            form=form,
            authorization=self._options.in_header(method),
            repeatable=True,
            bare=True,
        )
        return await self._send(call)

    async def get_user_info_by_access_token(self, access_token: str) -> Answer[UserInfo]:
        """The claims about whoever an access token is of, as its scope has it.

        Refuses: NotSignedIn, SessionEnded, UserSuspended.
        POST /oidc/me, OpenID Connect Core 1.0 section 5.3.
        """
        fit_for_a_header(access_token, "access_token")
        call = Call(
            "POST",
            "/oidc/me",
            record(UserInfo),
            authorization=f"Bearer {access_token}",
            repeatable=True,
            bare=True,
        )
        return await self._send(call)

    async def get_system_info(self) -> Answer[SystemInfo]:
        """The server's public keys for passwords, and its version.

        V3 API: GET /api/v3/system.
        """
        return await self._send(self._system_call())

    async def check_app_id_secret(self) -> Answer[AppCheck]:
        """Whether this client's app id and secret belong together.

        V3 API: POST /api/v3/check-app-id-secret, which not every server has.
        """
        body = {"appId": self._options.app_id, "appSecret": self._options.app_secret}
        path, read = "/api/v3/check-app-id-secret", record(AppCheck)
        return await self._send(Call("POST", path, read, body, repeatable=True))
