"""Every way the server says no: one exception each, named as a fact, as in the server itself.

`status` and `known_as` are what a class is recognised by: the `apiCode` if there is one, whatever
the status beside it, else the status. The first code is Gatepost's own; those after it are what
other servers of the V3 API say for the same thing. What no class is for is a bare `Refusal`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from gatepost_client.errors import GatepostError

if TYPE_CHECKING:
    from gatepost_client.answers import Answer


class Refusal(GatepostError):
    """The server said no. Carries the whole answer."""

    status: ClassVar[int]
    known_as: ClassVar[tuple[int, ...]] = ()

    def __init__(self, answer: Answer[Any]) -> None:
        super().__init__(answer)
        self.answer = answer

    @property
    def status_code(self) -> int:
        """The business status of the envelope, or the HTTP status where there is no envelope."""
        return self.answer.status_code

    @property
    def message(self) -> str:
        """What happened, in the language that was asked for."""
        return self.answer.message

    @property
    def api_code(self) -> int | None:
        """The finer code beside the status; None where there is none."""
        return self.answer.api_code

    @property
    def request_id(self) -> str | None:
        """What the server's log knows the call by."""
        return self.answer.request_id

    @property
    def data(self) -> Any:
        """What came along for programs, as it came; mostly None."""
        return self.answer.get("data")

    @property
    def retry_after(self) -> int | None:
        """Seconds until it is worth another try; None where waiting does not help."""
        return self.answer.retry_after

    def __str__(self) -> str:
        codes = [str(self.status_code)]
        if self.api_code is not None:
            codes.append(f"apiCode {self.api_code}")
        if self.request_id:
            codes.append(f"request {self.request_id}")
        return f"{self.message} ({', '.join(codes)})"


class RetryLater(Refusal):
    """A refusal that ends by itself after `retry_after` seconds."""


class InvalidRequest(Refusal):
    """Something was missing, malformed or of the wrong type; the message says what."""

    status = 400


class EmailInvalid(Refusal):
    """Not an e-mail address that the server accepts."""

    status, known_as = 400, (2204, 2003)


class NotSignedIn(Refusal):
    """No access token came with the call."""

    status, known_as = 401, (2020,)


class SessionEnded(Refusal):
    """The access token is expired or revoked, or its user is gone: sign in again."""

    status, known_as = 401, (2206, 2207)


class AppUnknown(Refusal):
    """There is no app of this id."""

    status, known_as = 401, (2011,)


class UserPoolUnknown(Refusal):
    """There is no such user pool."""

    status, known_as = 404, (2224,)


class ClientUnauthenticated(Refusal):
    """The app's secret is missing or wrong."""

    status = 401


class WrongCredentials(Refusal):
    """Account unknown or password wrong; the server does not tell which."""

    status, known_as = 403, (2333, 2006)


class UserSuspended(Refusal):
    """The account may not be used at present."""

    status, known_as = 403, (2120008,)


class EmailUnverified(Refusal):
    """Signing in takes a verified address here, and the account's is not."""

    status, known_as = 403, (2042,)


class CodeIncorrect(Refusal):
    """The code is wrong, used, was never sent, or has no tries left."""

    status, known_as = 400, (2001, 500)


class CodeExpired(Refusal):
    """It was the right code, too late: ask for another."""

    status, known_as = 400, (2300,)


class SentTooRecently(RetryLater):
    """This address got such a mail a moment ago."""

    status, known_as = 422, (2080,)


class EmailTaken(Refusal):
    """Another account has the address."""

    status, known_as = 409, (2200,)


class EmailAlreadyBound(Refusal):
    """The account has an address already: change it instead."""

    status, known_as = 422, (90001,)


class NoEmailBound(Refusal):
    """The account has no address to unbind or change."""

    status, known_as = 422, (2219,)


class LastSignInMethod(Refusal):
    """Without the address nobody could sign in to the account any more."""

    status, known_as = 422, (2217,)


class OldEmailRequired(Refusal):
    """A code from the old address is needed too."""

    status, known_as = 400, (2227,)


class OldEmailMismatch(Refusal):
    """The old address that was named is not the account's."""

    status, known_as = 400, (2037,)


class SameEmail(Refusal):
    """The account has this address already."""

    status, known_as = 422, (2229,)


class TokenInvalid(Refusal):
    """A token between two steps, or a refresh token, is wrong, used or late."""

    status, known_as = 400, (90002,)


class ReauthenticationRequired(Refusal):
    """This step takes a fresh sign-in."""

    status, known_as = 401, (90003,)


class ChangesPaused(Refusal):
    """The account takes no changes for a while, after one was undone."""

    status, known_as = 403, (90004,)


class RegistrationClosed(Refusal):
    """No new accounts are taken."""

    status, known_as = 403, (2031,)


class PasswordTooWeak(Refusal):
    """Too short, or easily guessed."""

    status, known_as = 400, (2029,)


class OldPasswordRequired(Refusal):
    """The account has a password, and it was not given."""

    status, known_as = 400, (2201,)


class OldPasswordWrong(Refusal):
    """The password given as the present one is not."""

    status, known_as = 400, (2203,)


class PasswordReused(Refusal):
    """The new password is the present one."""

    status, known_as = 400, (2059,)


class UserNotFound(Refusal):
    """There is no such account."""

    status, known_as = 404, (2004,)


class UserExists(Refusal):
    """There is an account with this name or address already."""

    status, known_as = 409, (2026,)


class UsernameTaken(Refusal):
    """Another account has the user name."""

    status, known_as = 409, (2034,)


class TooManyRequests(RetryLater):
    """A limit is reached."""

    status, known_as = 429, (2100,)


class TooManyAtOnce(RetryLater):
    """Too many calls of this client are under way."""

    status = 429


class LdapNotConfigured(Refusal):
    """The server does not sign people in by LDAP or Active Directory."""

    status, known_as = 501, (2820002,)


class NotSupported(Refusal):
    """The server does not do this step."""

    status = 501


class PathUnknown(Refusal):
    """The server has no such endpoint."""

    status = 404


class MethodNotAllowed(Refusal):
    """The endpoint exists, but not by this method."""

    status = 405


class BodyTooLarge(Refusal):
    """More than the server takes in one request."""

    status = 413


class BodyTooSlow(Refusal):
    """The request did not arrive in time."""

    status = 408


class ContentTypeUnsupported(Refusal):
    """The server does not take this kind of body."""

    status = 415


class ServerDefect(Refusal):
    """A mistake of the server's."""

    status = 500


class Overloaded(RetryLater):
    """The server has more to do than it can."""

    status = 503
