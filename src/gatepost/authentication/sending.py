"""Mail a one-time code: the first step of everything that needs a mailbox."""

from __future__ import annotations

from gatepost.authentication import mails
from gatepost.authentication.mails import Letterhead
from gatepost.context import Call, address_in
from gatepost.credentials import client_authentication, codes, limits, sessions
from gatepost.credentials.codes import Purpose
from gatepost.storage.database import Transaction
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.fields import Body, TypedEmail
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import (
    EmailAlreadyBound,
    NotSignedIn,
    NotSupported,
    SessionEnded,
    UserSuspended,
)
from gatepost.vocabulary.session import SignedIn
from gatepost.vocabulary.verification_code import ANYBODY

TEMPLATES = {
    Channel.LOGIN: "login_verify_code",
    Channel.BIND_EMAIL: "email_bind_verify_code",
}
"""The channels whose step exists, and the mail that each sends."""


class SendEmail(Body):
    """Which mailbox, and what for."""

    email: TypedEmail
    channel: Channel


async def send_email(call: Call, body: SendEmail) -> None:
    """Mail a code to an address, for one purpose.

    Works without a sign-in, and then never tells whether the address has an account: same
    answer, same work. A bind code that is asked for while signed in belongs to that user; one
    that is not belongs to the address, and the first signed-in user to show it may use it.

    Refuses: ClientUnauthenticated (a secret may be left out, not be wrong), EmailInvalid,
    NotSupported, EmailAlreadyBound, SentTooRecently, TooManyRequests; NotSignedIn where the
    pool wants codes to be asked for by signed-in users only.
    """
    template = TEMPLATES.get(body.channel)
    if template is None:
        raise NotSupported
    email = address_in(call.pool, body.email)
    origin = call.origin(vouched=client_authentication.vouched(call.app, call.credentials))
    session = await signed_in(call)
    if body.channel is Channel.BIND_EMAIL:
        _may_ask_to_bind(call, session)
    user_id = session.user_id if session else None
    await limits.count_send(call.context.database, call.pool, origin, body.channel, email, user_id)
    subject = _subject(body.channel, session)
    purpose = Purpose(call.pool, body.channel, email, subject)
    head = Letterhead(call.context, call.pool.id, call.app.name, _language(call, session))

    async def work(tx: Transaction) -> None:
        code = await codes.issue(tx, call.context.keys, call.context.chance, purpose, origin.prover)
        await mails.code_mail(tx, head, template, email, code)

    await call.context.database.unit(work)


async def signed_in(call: Call) -> SignedIn | None:
    """The caller's session where one is alive: public calls ignore stale tokens."""
    if call.claims is None:
        return None
    try:
        return await sessions.alive(call.context.database.reader(), call.claims, call.app)
    except (SessionEnded, UserSuspended):
        return None


def _may_ask_to_bind(call: Call, session: SignedIn | None) -> None:
    if session is None and call.pool.settings.codesNeedSignIn:
        raise NotSignedIn
    if session is not None and session.email is not None:
        raise EmailAlreadyBound


def _subject(channel: Channel, session: SignedIn | None) -> str:
    """Whom a code belongs to: signing in is for whoever holds the mailbox."""
    return session.user_id if session and channel is not Channel.LOGIN else ANYBODY


def _language(call: Call, session: SignedIn | None) -> Language:
    own = session.language if session else None
    return Language(own) if own else call.speaks()
