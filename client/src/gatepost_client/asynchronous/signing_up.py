"""Making an account. It gives no tokens: signing in does."""

from __future__ import annotations

from typing import Any, Literal, cast

from gatepost_client.answers import Answer
from gatepost_client.asynchronous.session import Session
from gatepost_client.calls import Call
from gatepost_client.data import User
from gatepost_client.payloads import (
    PassCodePayload,
    PasswordPayload,
    SignUpOptions,
    SignUpProfile,
)
from gatepost_client.records import record


class SigningUp(Session):
    """`POST /api/v3/signup`."""

    async def sign_up_by_email_password(
        self,
        email: str,
        password: str,
        profile: SignUpProfile | None = None,
        options: SignUpOptions | None = None,
        *,
        client_ip: str | None = None,
    ) -> Answer[User]:
        """Make an account with an address, which nobody has proved yet, and a password.

        `profile` is what it says of itself; `client_ip` the person's address, where a back-end
        signs people up.

        Refuses: RegistrationClosed, EmailInvalid, PasswordTooWeak, UserExists, TooManyRequests.
        V3 API: POST /api/v3/signup.
        """
        payload: PasswordPayload = {"email": email, "password": password}
        return await self._new_by_password(payload, profile, _wishes(options, client_ip))

    async def sign_up_by_username_password(
        self,
        username: str,
        password: str,
        profile: SignUpProfile | None = None,
        options: SignUpOptions | None = None,
        *,
        client_ip: str | None = None,
    ) -> Answer[User]:
        """Make an account with a user name and a password.

        Refuses: RegistrationClosed, PasswordTooWeak, UserExists, UsernameTaken, InvalidRequest,
        TooManyRequests. V3 API: POST /api/v3/signup.
        """
        payload: PasswordPayload = {"username": username, "password": password}
        return await self._new_by_password(payload, profile, _wishes(options, client_ip))

    async def sign_up_by_email_passcode(
        self,
        email: str,
        pass_code: str,
        profile: SignUpProfile | None = None,
        options: SignUpOptions | None = None,
        *,
        client_ip: str | None = None,
    ) -> Answer[User]:
        """Make an account with an address, proved by a code that was mailed on CHANNEL_REGISTER.

        Refuses: RegistrationClosed, EmailInvalid, CodeIncorrect, CodeExpired, UserExists,
        TooManyRequests. V3 API: POST /api/v3/signup.
        """
        payload: PassCodePayload = {"email": email, "passCode": pass_code}
        wishes = _wishes(options, client_ip)
        return await self.sign_up("PASSCODE", None, payload, profile, wishes)

    async def sign_up(
        self,
        connection: Literal["PASSWORD", "PASSCODE"],
        password_payload: PasswordPayload | None = None,
        pass_code_payload: PassCodePayload | None = None,
        profile: SignUpProfile | None = None,
        options: SignUpOptions | None = None,
    ) -> Answer[User]:
        """Make an account in any way the API knows; a server may know fewer.

        The password is sent as it is: encrypt it first where `options` say so.

        Refuses: NotSupported, and what the ways of their own refuse. V3 API: POST /api/v3/signup.
        """
        body: dict[str, Any] = {
            "connection": connection,
            "passwordPayload": password_payload,
            "passCodePayload": pass_code_payload,
            "profile": profile,
            "options": options or None,
        }
        return await self._send(Call("POST", "/api/v3/signup", record(User), body))

    async def _new_by_password(
        self, payload: PasswordPayload, profile: SignUpProfile | None, wishes: SignUpOptions
    ) -> Answer[User]:
        kind = wishes.get("passwordEncryptType")
        sealed, kind = await self._sealed(payload["password"], kind)
        payload["password"] = sealed
        if kind is not None:
            wishes["passwordEncryptType"] = kind
        return await self.sign_up("PASSWORD", payload, None, profile, wishes)


def _wishes(options: SignUpOptions | None, client_ip: str | None) -> SignUpOptions:
    said = {"clientIp": client_ip} if client_ip is not None else {}
    return cast("SignUpOptions", {**(options or {}), **said})
