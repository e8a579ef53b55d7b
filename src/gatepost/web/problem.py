"""A refusal on a page: a sentence beside the field that it is about."""

from __future__ import annotations

from msgspec import Struct

from gatepost.messages import refusal_words
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import (
    CodeExpired,
    CodeIncorrect,
    EmailInvalid,
    InvalidRequest,
    OldPasswordRequired,
    OldPasswordWrong,
    PasswordReused,
    PasswordTooWeak,
    Refusal,
    RetryLater,
    SameEmail,
    UserExists,
    UsernameTaken,
    WrongCredentials,
)
from gatepost.web.look import Look

FIELDS: dict[type[Refusal], tuple[str, ...]] = {
    CodeIncorrect: ("code",),
    CodeExpired: ("code",),
    EmailInvalid: ("email", "account"),
    SameEmail: ("email",),
    UserExists: ("account",),
    UsernameTaken: ("account", "username"),
    WrongCredentials: ("password",),
    OldPasswordWrong: ("oldPassword",),
    OldPasswordRequired: ("oldPassword",),
    PasswordTooWeak: ("newPassword", "password"),
    PasswordReused: ("newPassword",),
}
"""The fields that a refusal may stand beside; the first that the form has."""

_UNFILLED = (Problem.MISSING, Problem.EMPTY)


class Said(Struct, frozen=True):
    """What a form's answer says: in which part of the page, beside which field ("" for none).

    `refusal` is what it was made of, for the audit log.
    """

    part: str = ""
    field: str = ""
    words: str = ""
    status: int = 200
    refusal: Refusal | None = None


NOTHING = Said()


def said_of(look: Look, refusal: Refusal, part: str, *fields: str) -> Said:
    """The sentence of a refusal, beside the one of a form's fields that it is about."""
    status = 429 if isinstance(refusal, RetryLater) else 422
    if isinstance(refusal, InvalidRequest):
        name = str(refusal.words["field"]).rpartition(".")[2]
        key = "common.fill_in" if refusal.words["problem"] in _UNFILLED else "common.malformed"
        return Said(
            part, name if name in fields else _first(fields), look.says(key), status, refusal
        )
    wanted = FIELDS.get(type(refusal), ())
    beside = next((name for name in wanted if name in fields), "")
    return Said(part, beside, refusal_words(look.language, refusal), status, refusal)


def _first(fields: tuple[str, ...]) -> str:
    return fields[0] if fields else ""
