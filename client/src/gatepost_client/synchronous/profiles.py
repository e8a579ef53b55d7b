"""What an account says of itself, where it was used, and its end."""
# Made by client/generate.py from the file of this name: edit that one.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from gatepost_client.answers import Answer
from gatepost_client.calls import Call
from gatepost_client.data import (
    DeleteAccountGrant,
    LoggedInApp,
    LoginHistory,
    SecurityInfo,
    User,
)
from gatepost_client.payloads import ClosingPasswordPayload, EmailPassCodePayload, Gender
from gatepost_client.records import nothing, record, records
from gatepost_client.synchronous.session import Session


class Profiles(Session):
    """What the signed-in user may see and change of their account."""

    def get_profile(
        self,
        with_custom_data: bool | None = None,
        with_identities: bool | None = None,
        with_department_ids: bool | None = None,
    ) -> Answer[User]:
        """The signed-in account, with more of it if asked for.

        Refuses: NotSignedIn, SessionEnded. V3 API: GET /api/v3/get-profile.
        """
        query = {
            "withCustomData": with_custom_data,
            "withIdentities": with_identities,
            "withDepartmentIds": with_department_ids,
        }
        path, read = "/api/v3/get-profile", record(User)
        call = Call("GET", path, read, query=query, signed_in=True, repeatable=True)
        return self._send(call)

    def update_profile(
        self,
        name: str | None = None,
        nickname: str | None = None,
        photo: str | None = None,
        external_id: str | None = None,
        birthdate: str | None = None,
        country: str | None = None,
        province: str | None = None,
        city: str | None = None,
        address: str | None = None,
        street_address: str | None = None,
        postal_code: str | None = None,
        gender: Gender | None = None,
        username: str | None = None,
        company: str | None = None,
        custom_data: Mapping[str, Any] | None = None,
        identity_number: str | None = None,
    ) -> Answer[User]:
        """Change what the signed-in account says of itself; what is left out stays.

        An empty text takes a value away. The answer is the account as it is now.

        Refuses: InvalidRequest, UsernameTaken, UserExists (another account has the external id),
        LastSignInMethod, ReauthenticationRequired, NotSignedIn, SessionEnded.
        V3 API: POST /api/v3/update-profile.
        """
        body: dict[str, Any] = {
            "name": name,
            "nickname": nickname,
            "photo": photo,
            "externalId": external_id,
            "birthdate": birthdate,
            "country": country,
            "province": province,
            "city": city,
            "address": address,
            "streetAddress": street_address,
            "postalCode": postal_code,
            "gender": gender,
            "username": username,
            "company": company,
            "customData": custom_data,
            "identityNumber": identity_number,
        }
        path, read = "/api/v3/update-profile", record(User)
        return self._send(Call("POST", path, read, body, signed_in=True))

    def get_security_level(self) -> Answer[SecurityInfo]:
        """How well the signed-in account is secured.

        Refuses: NotSignedIn, SessionEnded. V3 API: GET /api/v3/get-security-info.
        """
        path, read = "/api/v3/get-security-info", record(SecurityInfo)
        return self._send(Call("GET", path, read, signed_in=True, repeatable=True))

    def get_login_history(
        self,
        app_id: str | None = None,
        client_ip: str | None = None,
        success: bool | None = None,
        start: int | None = None,
        end: int | None = None,
        page: int | None = None,
        limit: int | None = None,
    ) -> Answer[LoginHistory]:
        """The sign-ins of the signed-in account, the newest first.

        `start` and `end` are milliseconds since the epoch; `page` begins with 1 and has `limit`
        of them, from 1 to 50, or else 10.

        Refuses: InvalidRequest, NotSignedIn, SessionEnded.
        V3 API: GET /api/v3/get-my-login-history.
        """
        query = {
            "appId": app_id,
            "clientIp": client_ip,
            "success": success,
            "start": start,
            "end": end,
            "page": page,
            "limit": limit,
        }
        path, read = "/api/v3/get-my-login-history", record(LoginHistory)
        call = Call("GET", path, read, query=query, signed_in=True, repeatable=True)
        return self._send(call)

    def get_logged_in_apps(self) -> Answer[list[LoggedInApp]]:
        """The apps that the signed-in user has signed in to.

        Refuses: NotSignedIn, SessionEnded. V3 API: GET /api/v3/get-my-logged-in-apps.
        """
        path, read = "/api/v3/get-my-logged-in-apps", records(LoggedInApp)
        return self._send(Call("GET", path, read, signed_in=True, repeatable=True))

    def verify_delete_account_request(
        self,
        verify_method: Literal["EMAIL_PASSCODE", "PASSWORD", "PHONE_PASSCODE"] = "EMAIL_PASSCODE",
        phone_pass_code_payload: Mapping[str, Any] | None = None,
        email_pass_code_payload: EmailPassCodePayload | None = None,
        password_payload: ClosingPasswordPayload | None = None,
        *,
        email: str | None = None,
        pass_code: str | None = None,
        password: str | None = None,
    ) -> Answer[DeleteAccountGrant]:
        """Prove that the account is one's own before it is deleted.

        By a code of CHANNEL_DELETE_ACCOUNT; by the password only if it has no address. Hand in
        the plain keywords that the method needs, or a payload.

        Refuses: CodeIncorrect, CodeExpired, EmailInvalid, WrongCredentials, NoEmailBound,
        OldEmailMismatch, TokenInvalid, NotSupported, NotSignedIn, SessionEnded,
        TooManyRequests, ChangesPaused, ReauthenticationRequired.
        V3 API: POST /api/v3/verify-delete-account-request.
        """
        if password is not None and password_payload is None:
            sealed, kind = self._sealed(password, None)
            password_payload = {"password": sealed}
            if kind is not None:
                password_payload["passwordEncryptType"] = kind
        said = {"email": email, "passCode": pass_code} if email or pass_code else None
        body = {
            "verifyMethod": verify_method,
            "phonePassCodePayload": phone_pass_code_payload,
            "emailPassCodePayload": email_pass_code_payload or said,
            "passwordPayload": password_payload,
        }
        path, read = "/api/v3/verify-delete-account-request", record(DeleteAccountGrant)
        return self._send(Call("POST", path, read, body, signed_in=True))

    def delete_account(self, delete_account_token: str) -> Answer[None]:
        """Delete the signed-in account, with the token of `verify_delete_account_request`.

        Refuses: TokenInvalid, NotSignedIn, SessionEnded, ChangesPaused,
        ReauthenticationRequired. V3 API: POST /api/v3/delete-account.
        """
        body = {"deleteAccountToken": delete_account_token}
        path = "/api/v3/delete-account"
        return self._send(Call("POST", path, nothing, body, signed_in=True))
