"""A one-time code, as the house keeps it: never its digits, only what they derive from."""

from __future__ import annotations

from msgspec import Struct

LONG_DIGITS = 10
"""How many digits a code has once an address or a user has failed too often."""

ANYBODY = ""
"""The subject of a code that was asked for without a sign-in."""


class VerificationCode(Struct, frozen=True):
    """A live code. `subject` is the user it belongs to, or ANYBODY. Instants are milliseconds.

    `first_made_at` stays when a resend extends the code; `tries` counts every look.
    """

    id: str
    user_pool_id: str
    channel: str
    email: str
    subject: str
    nonce: str
    key_id: str
    digits: int
    tries: int
    first_made_at: int
    expires_at: int
