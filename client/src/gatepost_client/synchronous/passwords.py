"""The password of an account: changing it, and a new one where it is forgotten."""
# Made by client/generate.py from the file of this name: edit that one.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from gatepost_client.answers import Answer
from gatepost_client.calls import Call
from gatepost_client.data import ResetPasswordGrant
from gatepost_client.payloads import EmailPassCodePayload, Encryption
from gatepost_client.records import nothing, record
from gatepost_client.synchronous.session import Session


class Passwords(Session):
    """What is done with passwords."""

    def update_password(
        self,
        new_password: str,
        old_password: str | None = None,
        password_encrypt_type: Encryption | None = None,
    ) -> Answer[None]:
        """Give the signed-in account another password; the old one is needed if it has one.

        A first password wants a sign-in of the last 15 minutes.

        Who says how the passwords are encrypted has encrypted them.

        Refuses: OldPasswordRequired, OldPasswordWrong, PasswordReused, PasswordTooWeak,
        ReauthenticationRequired, NotSignedIn, SessionEnded, TooManyRequests.
        V3 API: POST /api/v3/update-password.
        """
        new, kind = self._sealed(new_password, password_encrypt_type)
        old = old_password
        if old is not None:
            old, _ = self._sealed(old, password_encrypt_type)
        body = {"newPassword": new, "oldPassword": old, "passwordEncryptType": kind}
        path = "/api/v3/update-password"
        return self._send(Call("POST", path, nothing, body, signed_in=True))

    def verify_reset_password_request(
        self,
        verify_method: Literal["EMAIL_PASSCODE", "PHONE_PASSCODE"] = "EMAIL_PASSCODE",
        phone_pass_code_payload: Mapping[str, Any] | None = None,
        email_pass_code_payload: EmailPassCodePayload | None = None,
        *,
        email: str | None = None,
        pass_code: str | None = None,
    ) -> Answer[ResetPasswordGrant]:
        """Prove the mailbox of an account whose password is forgotten; takes no sign-in.

        The code is of CHANNEL_RESET_PASSWORD, the grant's token for `reset_password`. Hand in
        `email` and `pass_code`, or both as the payload.

        Refuses: CodeIncorrect, CodeExpired, EmailInvalid, UserNotFound, UserSuspended,
        ChangesPaused, TooManyRequests, NotSupported.
        V3 API: POST /api/v3/verify-reset-password-request.
        """
        said = {"email": email, "passCode": pass_code} if email or pass_code else None
        body = {
            "verifyMethod": verify_method,
            "phonePassCodePayload": phone_pass_code_payload,
            "emailPassCodePayload": email_pass_code_payload or said,
        }
        path, read = "/api/v3/verify-reset-password-request", record(ResetPasswordGrant)
        return self._send(Call("POST", path, read, body))

    def reset_password(
        self,
        password: str,
        password_reset_token: str,
        password_encrypt_type: Encryption | None = None,
    ) -> Answer[None]:
        """Set a new password, with the token of `verify_reset_password_request`.

        All sessions of the account end.

        Refuses: TokenInvalid, PasswordTooWeak, TooManyRequests.
        V3 API: POST /api/v3/reset-password.
        """
        sealed, kind = self._sealed(password, password_encrypt_type)
        body = {
            "password": sealed,
            "passwordResetToken": password_reset_token,
            "passwordEncryptType": kind,
        }
        return self._send(Call("POST", "/api/v3/reset-password", nothing, body))
