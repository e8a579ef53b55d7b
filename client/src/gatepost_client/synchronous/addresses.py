"""The e-mail address of an account: codes for it, binding, changing, unbinding."""
# Made by client/generate.py from the file of this name: edit that one.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from gatepost_client.answers import Answer
from gatepost_client.calls import Call
from gatepost_client.data import CodeCheck, UpdateEmailGrant
from gatepost_client.payloads import Channel, EmailCodePayload, UpdateEmailPayload
from gatepost_client.records import nothing, record
from gatepost_client.synchronous.session import Session


class Addresses(Session):
    """What is done with codes from a mailbox."""

    def send_email(self, channel: Channel, email: str) -> Answer[None]:
        """Mail a code to an address, for the one purpose that the channel names.

        Codes to bind, change or unbind an address are asked for signed in. The answer never
        tells whether the address has an account.

        Refuses: EmailInvalid, SentTooRecently, TooManyRequests (both say `retry_after`, in
        seconds), NotSupported, NotSignedIn where that is needed; signed in also EmailAlreadyBound,
        NoEmailBound, OldEmailMismatch.
        V3 API: POST /api/v3/send-email.
        """
        body = {"channel": channel, "email": email}
        return self._send(Call("POST", "/api/v3/send-email", nothing, body, signed_in=True))

    def pre_check_code(
        self,
        code_type: Literal["EMAIL", "SMS"] = "EMAIL",
        sms_code_payload: Mapping[str, Any] | None = None,
        email_code_payload: EmailCodePayload | None = None,
        *,
        email: str | None = None,
        pass_code: str | None = None,
        channel: Channel | None = None,
    ) -> Answer[CodeCheck]:
        """Look whether a code is right, without using it up. A wrong look takes a try.

        Hand in `email`, `pass_code` and `channel`, or all three as the payload.

        Refuses: EmailInvalid, TooManyRequests, NotSupported. V3 API: POST /api/v3/pre-check-code.
        """
        said = {"email": email, "passCode": pass_code, "channel": channel}
        body = {
            "codeType": code_type,
            "smsCodePayload": sms_code_payload,
            "emailCodePayload": email_code_payload or (said if any(said.values()) else None),
        }
        call = Call("POST", "/api/v3/pre-check-code", record(CodeCheck), body, signed_in=True)
        return self._send(call)

    def bind_email(self, pass_code: str, email: str) -> Answer[None]:
        """Give the signed-in account its first address, with the code mailed there on
        CHANNEL_BIND_EMAIL.

        Refuses: CodeIncorrect, CodeExpired, EmailInvalid, EmailAlreadyBound, EmailTaken,
        NotSignedIn, SessionEnded, TooManyRequests, ChangesPaused, ReauthenticationRequired.
        V3 API: POST /api/v3/bind-email.
        """
        body = {"passCode": pass_code, "email": email}
        return self._send(Call("POST", "/api/v3/bind-email", nothing, body, signed_in=True))

    def unbind_email(self, pass_code: str) -> Answer[None]:
        """Take the address off the signed-in account, with the code mailed there on
        CHANNEL_UNBIND_EMAIL.

        Refuses: CodeIncorrect, CodeExpired, NoEmailBound, LastSignInMethod, NotSignedIn,
        SessionEnded, TooManyRequests, ChangesPaused, ReauthenticationRequired.
        V3 API: POST /api/v3/unbind-email.
        """
        body = {"passCode": pass_code}
        return self._send(Call("POST", "/api/v3/unbind-email", nothing, body, signed_in=True))

    def verify_update_email_request(
        self,
        email_pass_code_payload: UpdateEmailPayload | None = None,
        verify_method: Literal["EMAIL_PASSCODE"] = "EMAIL_PASSCODE",
        *,
        new_email: str | None = None,
        new_email_pass_code: str | None = None,
        old_email: str | None = None,
        old_email_pass_code: str | None = None,
    ) -> Answer[UpdateEmailGrant]:
        """Prove the new address, and the old one where the pool asks for it, before a change.

        Both codes are of CHANNEL_UPDATE_EMAIL. The grant's token is for `update_email`. Hand in
        the plain keywords, or all of it as the payload.

        Refuses: CodeIncorrect, CodeExpired, EmailInvalid, NoEmailBound, SameEmail,
        OldEmailRequired, OldEmailMismatch, EmailTaken, NotSignedIn, SessionEnded,
        TooManyRequests, ChangesPaused, ReauthenticationRequired.
        V3 API: POST /api/v3/verify-update-email-request.
        """
        said = {
            "newEmail": new_email,
            "newEmailPassCode": new_email_pass_code,
            "oldEmail": old_email,
            "oldEmailPassCode": old_email_pass_code,
        }
        payload = email_pass_code_payload or said
        body = {"verifyMethod": verify_method, "emailPassCodePayload": payload}
        path, read = "/api/v3/verify-update-email-request", record(UpdateEmailGrant)
        return self._send(Call("POST", path, read, body, signed_in=True))

    def update_email(self, update_email_token: str) -> Answer[None]:
        """Change the address, with the token of `verify_update_email_request`.

        Refuses: TokenInvalid, EmailTaken, NotSignedIn, SessionEnded, ChangesPaused,
        ReauthenticationRequired. V3 API: POST /api/v3/update-email.
        """
        body = {"updateEmailToken": update_email_token}
        return self._send(Call("POST", "/api/v3/update-email", nothing, body, signed_in=True))
