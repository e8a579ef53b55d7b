"""A code by mail, as pages ask for it and speak of it."""

from __future__ import annotations

import unicodedata

from msgspec import Struct

from gatepost.authentication.sending import Wanted, mail_code
from gatepost.context import Call, address_in
from gatepost.credentials import codes, limits
from gatepost.credentials.codes import Purpose
from gatepost.credentials.limits import Asked
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import InvalidRequest, SentTooRecently
from gatepost.vocabulary.session import SignedIn
from gatepost.vocabulary.user_pool import UserPool
from gatepost.vocabulary.verification_code import ANYBODY
from gatepost.web.step import Step, new_tag

LONGEST_TYPED = 64


class Mailed(Struct, frozen=True):
    """What a page says of a mail: to whom, its tag, the code's length, when to ask again (s)."""

    masked: str
    tag: str
    digits: int
    wait: int


async def ask(
    call: Call, channel: Channel, email: EmailAddress, before: Step, session: SignedIn | None = None
) -> str:
    """Mail a code, and answer with the tag of this window that the mail shows.

    Who asked a moment ago, by a double click too, is told of that mail.
    """
    again = before.tag if before.email == str(email) else ""
    tag = again or new_tag(call.context.chance)
    try:
        await mail_code(call, Wanted(channel, email, session, call.origin(), tag))
    except SentTooRecently:
        return again
    return tag


async def mailed(call: Call, channel: Channel, step: Step, user_id: str | None = None) -> Mailed:
    """What is to be said of the mail of a step."""
    asked = Asked(channel, EmailAddress.stored(step.email), user_id)
    purpose = Purpose(call.pool, channel, asked.email, user_id or ANYBODY)
    reader = call.context.database.reader()
    return Mailed(
        masked=asked.email.masked,
        tag=step.tag,
        digits=await codes.length(reader, purpose),
        wait=await limits.seconds_to_resend(reader, call.pool, asked),
    )


def typed_address(pool: UserPool, text: str) -> EmailAddress:
    """An address that somebody typed. Refuses: InvalidRequest for none, EmailInvalid."""
    if not text.strip():
        raise InvalidRequest("email", Problem.MISSING)
    return address_in(pool, text.strip())


def typed_code(text: str) -> str:
    """The digits of a code however it was typed: "123 456", "123-456", full-width.

    What is longer than any code could be typed is none.
    """
    if len(text) > LONGEST_TYPED:
        return ""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if not c.isspace() and c not in "-‐–")
