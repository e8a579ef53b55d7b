"""Signing in. Every answer carries tokens; `set_tokens` makes the client use them."""

from __future__ import annotations

from typing import Any, Literal, cast

from gatepost_client.answers import Answer
from gatepost_client.asynchronous.session import Session
from gatepost_client.calls import Call
from gatepost_client.data import LoginTokens
from gatepost_client.payloads import (
    DirectoryPayload,
    PassCodePayload,
    PasswordPayload,
    SignInOptions,
)
from gatepost_client.records import record


class SigningIn(Session):
    """`POST /api/v3/signin`, by what somebody proves who they are with."""

    async def sign_in_by_email_password(
        self,
        email: str,
        password: str,
        options: SignInOptions | None = None,
        *,
        scope: str | None = None,
        client_ip: str | None = None,
    ) -> Answer[LoginTokens]:
        """Sign in with an address and a password.

        `scope` is a list by blanks, with `openid` in it; `offline_access` among it asks for a
        refresh token. `client_ip` is the person's address, where a back-end signs people in:
        limits then count for each person. What is both in `options` and said here is as said
        here.

        Refuses: WrongCredentials, EmailInvalid, EmailUnverified, UserSuspended,
        ClientUnauthenticated, TooManyRequests. V3 API: POST /api/v3/signin.
        """
        payload: PasswordPayload = {"email": email, "password": password}
        wishes = _wishes(options, scope, client_ip)
        return await self._by_password(payload, wishes)

    async def sign_in_by_username_password(
        self,
        username: str,
        password: str,
        options: SignInOptions | None = None,
        *,
        scope: str | None = None,
        client_ip: str | None = None,
    ) -> Answer[LoginTokens]:
        """Sign in with a user name and a password.

        The rest is as with `sign_in_by_email_password`, and so are the refusals.
        V3 API: POST /api/v3/signin.
        """
        payload: PasswordPayload = {"username": username, "password": password}
        wishes = _wishes(options, scope, client_ip)
        return await self._by_password(payload, wishes)

    async def sign_in_by_account_password(
        self,
        account: str,
        password: str,
        options: SignInOptions | None = None,
        *,
        scope: str | None = None,
        client_ip: str | None = None,
    ) -> Answer[LoginTokens]:
        """Sign in with a password and whatever somebody typed: a user name or an address.

        The rest is as with `sign_in_by_email_password`, and so are the refusals.
        V3 API: POST /api/v3/signin.
        """
        payload: PasswordPayload = {"account": account, "password": password}
        wishes = _wishes(options, scope, client_ip)
        return await self._by_password(payload, wishes)

    async def sign_in_by_email_passcode(
        self,
        email: str,
        pass_code: str,
        options: SignInOptions | None = None,
        *,
        scope: str | None = None,
        client_ip: str | None = None,
        auto_register: bool | None = None,
    ) -> Answer[LoginTokens]:
        """Sign in with a code that was mailed on CHANNEL_LOGIN.

        With `auto_register` an address that has no account gets one.

        Refuses: CodeIncorrect, CodeExpired, EmailInvalid, UserNotFound, UserSuspended,
        RegistrationClosed, ClientUnauthenticated, TooManyRequests. V3 API: POST /api/v3/signin.
        """
        wishes = _wishes(options, scope, client_ip)
        if auto_register is not None:
            wishes["autoRegister"] = auto_register
        payload: PassCodePayload = {"email": email, "passCode": pass_code}
        return await self.sign_in_by_credentials(
            "PASSCODE", pass_code_payload=payload, options=wishes
        )

    async def sign_in_by_credentials(
        self,
        connection: Literal["PASSWORD", "PASSCODE", "LDAP", "AD"],
        password_payload: PasswordPayload | None = None,
        pass_code_payload: PassCodePayload | None = None,
        ad_payload: DirectoryPayload | None = None,
        ldap_payload: DirectoryPayload | None = None,
        options: SignInOptions | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
    ) -> Answer[LoginTokens]:
        """Sign in by any way the API knows; a server may know fewer.

        The app proves itself as `token_endpoint_auth_method` says, unless another id and secret
        are handed in. The password is sent as it is: encrypt it first where `options` say so.

        Refuses: LdapNotConfigured and NotSupported, and what the ways of their own refuse.
        V3 API: POST /api/v3/signin.
        """
        method = self._options.token_endpoint_auth_method
        app = self._options.in_body(method)
        if client_id is not None or client_secret is not None:
            app = {"client_id": client_id, "client_secret": client_secret}
        body: dict[str, Any] = {
            "connection": connection,
            "passwordPayload": password_payload,
            "passCodePayload": pass_code_payload,
            "adPayload": ad_payload,
            "ldapPayload": ldap_payload,
            "options": options or None,
            **app,
        }
        proof = self._options.in_header(method)
        path, read = "/api/v3/signin", record(LoginTokens)
        return await self._send(Call("POST", path, read, body, authorization=proof))

    async def _by_password(
        self, payload: PasswordPayload, wishes: SignInOptions
    ) -> Answer[LoginTokens]:
        kind = wishes.get("passwordEncryptType")
        sealed, kind = await self._sealed(payload["password"], kind)
        payload["password"] = sealed
        if kind is not None:
            wishes["passwordEncryptType"] = kind
        return await self.sign_in_by_credentials(
            "PASSWORD", password_payload=payload, options=wishes
        )


def _wishes(
    options: SignInOptions | None, scope: str | None, client_ip: str | None
) -> SignInOptions:
    said = {"scope": scope, "clientIp": client_ip}
    kept = {name: value for name, value in said.items() if value is not None}
    return cast("SignInOptions", {**(options or {}), **kept})
