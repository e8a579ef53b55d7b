"""Every way to say no: one class each, named as a fact.

`status` is the business status code of the envelope, `api_code` the finer code beside it
(None where the API has none). Codes from 90001 on are Gatepost's own; the others are those
that GenAuth and Authing clients know. The words stand in `messages/`, under the class name;
what they interpolate comes from `words`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from gatepost.vocabulary.problems import Problem


class Refusal(Exception):
    """A clear no. `data` goes out with the envelope, `words` into its message."""

    status: ClassVar[int]
    api_code: ClassVar[int | None] = None

    def __init__(self, **words: Any) -> None:
        super().__init__(*words.values())
        self.words = words

    @property
    def data(self) -> dict[str, Any] | None:
        """What a program needs to go on, beside the message; None for most refusals."""
        return None


class RetryLater(Refusal):
    """A refusal that ends by itself, `retry_after` whole seconds from now (at least 1)."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after=max(1, retry_after))

    @property
    def data(self) -> dict[str, Any]:
        return {"retryAfter": self.words["retry_after"]}


class InvalidRequest(Refusal):
    """Something was missing, malformed or of the wrong type: `field` and `problem` say what."""

    status = 400

    def __init__(self, field: str, problem: Problem) -> None:
        super().__init__(field=field, problem=problem)


class EmailInvalid(Refusal):
    """Not an e-mail address that this pool accepts."""

    status, api_code = 400, 2204


class NotSignedIn(Refusal):
    """No access token came with the call."""

    status, api_code = 401, 2020


class SessionEnded(Refusal):
    """The token is expired, revoked, forged or of another pool, or its user is gone."""

    status, api_code = 401, 2206


class AppUnknown(Refusal):
    """No app, or none that exists, was named."""

    status, api_code = 401, 2011


class UserPoolUnknown(Refusal):
    """No such user pool; said to administrators only."""

    status, api_code = 404, 2224


class ClientUnauthenticated(Refusal):
    """The app's secret is missing or wrong."""

    status = 401


class WrongCredentials(Refusal):
    """Account unknown, password wrong, or none set: one answer for all three."""

    status, api_code = 403, 2333


class UserSuspended(Refusal):
    """The account may not be used; said only after a correct proof."""

    status, api_code = 403, 2120008


class EmailUnverified(Refusal):
    """The pool asks for a verified address before anyone signs in."""

    status, api_code = 403, 2042


class CodeIncorrect(Refusal):
    """Wrong, never sent, used, or no tries left: one answer for all four."""

    status, api_code = 400, 2001


class CodeExpired(Refusal):
    """The right code, too late."""

    status, api_code = 400, 2300


class SentTooRecently(RetryLater):
    """This address got a mail of this channel less than a resend interval ago."""

    status, api_code = 422, 2080


class EmailTaken(Refusal):
    """Another account of the pool has the address; told only to who proved the mailbox."""

    status, api_code = 409, 2200


class EmailAlreadyBound(Refusal):
    """The caller has an address already: changing it is another flow."""

    status, api_code = 422, 90001


class NoEmailBound(Refusal):
    """The account has no address to unbind or change."""

    status, api_code = 422, 2219


class LastSignInMethod(Refusal):
    """Without the address nobody could sign in to the account any more."""

    status, api_code = 422, 2217


class OldEmailRequired(Refusal):
    """The pool wants proof of the old address too."""

    status, api_code = 400, 2227


class OldEmailMismatch(Refusal):
    """The old address that was named is not the account's."""

    status, api_code = 400, 2037


class SameEmail(Refusal):
    """The new address is the one the account has."""

    status, api_code = 422, 2229


class TokenInvalid(Refusal):
    """A token between two steps is wrong, used, late, or voided by what happened meanwhile."""

    status, api_code = 400, 90002


class ReauthenticationRequired(Refusal):
    """The pool asks for a fresh sign-in before this step."""

    status, api_code = 401, 90003


class ChangesPaused(Refusal):
    """Changes of the address rest for a while after one was undone."""

    status, api_code = 403, 90004


class RegistrationClosed(Refusal):
    """The pool takes no new accounts."""

    status, api_code = 403, 2031


class PasswordTooWeak(Refusal):
    """Too short, or one of the first that anybody would try."""

    status, api_code = 400, 2029


class OldPasswordRequired(Refusal):
    """The account has a password, and it was not given."""

    status, api_code = 400, 2201


class OldPasswordWrong(Refusal):
    """The password given as the present one is not."""

    status, api_code = 400, 2203


class PasswordReused(Refusal):
    """The new password is the present one."""

    status, api_code = 400, 2059


class UserNotFound(Refusal):
    """No such account; said only to administrators or after a proof."""

    status, api_code = 404, 2004


class UserExists(Refusal):
    """An account with this user name or address exists in the pool."""

    status, api_code = 409, 2026


class UsernameTaken(Refusal):
    """Another account of the pool has the user name."""

    status, api_code = 409, 2034


class TooManyRequests(RetryLater):
    """A limit of the pool is reached."""

    status, api_code = 429, 2100


class TooManyAtOnce(RetryLater):
    """Too many requests of one client are under way. A real HTTP 429."""

    status = 429


class LdapNotConfigured(Refusal):
    """Sign-in by LDAP or Active Directory, which this server does not do."""

    status, api_code = 501, 2820002


class NotSupported(Refusal):
    """The step does not exist here."""

    status = 501


class PathUnknown(Refusal):
    """No endpoint has this path. A real HTTP 404."""

    status = 404


class MethodNotAllowed(Refusal):
    """The endpoint exists, but not by this method. A real HTTP 405."""

    status = 405


class BodyTooLarge(Refusal):
    """64 KiB or more. A real HTTP 413."""

    status = 413


class BodyTooSlow(Refusal):
    """The body did not come in time. A real HTTP 408."""

    status = 408


class ContentTypeUnsupported(Refusal):
    """The body says it is neither JSON nor a form. A real HTTP 415."""

    status = 415


class ServerDefect(Refusal):
    """A mistake of ours. A real HTTP 500."""

    status = 500


class Overloaded(RetryLater):
    """More work waits than can be done soon, or the storage is away. A real HTTP 503."""

    status = 503


def all_refusals() -> list[type[Refusal]]:
    """Every refusal that can be said, in the order of this file."""
    families = (Refusal, RetryLater)
    return [
        value
        for value in globals().values()
        if isinstance(value, type) and issubclass(value, Refusal) and value not in families
    ]
