"""Mail a one-time code: the first step of everything that needs a mailbox."""

from __future__ import annotations

from msgspec import Struct

from gatepost.authentication import mails
from gatepost.authentication.mails import Letterhead
from gatepost.context import Call, address_in
from gatepost.credentials import client_authentication, codes, limits, sessions
from gatepost.credentials.codes import Purpose
from gatepost.credentials.limits import Asked, Origin
from gatepost.storage import mail_stops, users
from gatepost.storage.database import Transaction
from gatepost.vocabulary.channel import OF_THE_OWNER, Channel
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.fields import Body, TypedEmail
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import (
    EmailAlreadyBound,
    NoEmailBound,
    NotSignedIn,
    NotSupported,
    OldEmailMismatch,
    SessionEnded,
    UserSuspended,
)
from gatepost.vocabulary.session import SignedIn
from gatepost.vocabulary.user import User
from gatepost.vocabulary.verification_code import ANYBODY

TEMPLATES = {
    Channel.LOGIN: "login_verify_code",
    Channel.REGISTER: "register_verify_code",
    Channel.RESET_PASSWORD: "reset_password_verify_code",
    Channel.BIND_EMAIL: "email_bind_verify_code",
    Channel.UPDATE_EMAIL: "email_update_verify_code",
    Channel.UNBIND_EMAIL: "email_unbind_verify_code",
    Channel.COMPLETE_EMAIL: "information_completion_verify_code",
    Channel.DELETE_ACCOUNT: "delete_account_verify_code",
    Channel.VERIFY_EMAIL_LINK: "console_conducted_verify",
}
"""The channels whose step exists, and the mail that each sends."""

OF_THE_MAILBOX = {Channel.LOGIN, Channel.REGISTER, Channel.RESET_PASSWORD, Channel.COMPLETE_EMAIL}
"""Codes for whoever holds the mailbox, signed in or not."""


class SendEmail(Body):
    """Which mailbox, and what for."""

    email: TypedEmail
    channel: Channel


class Wanted(Struct, frozen=True):
    """What somebody asks to be mailed; `origin` is where they ask from."""

    channel: Channel
    email: EmailAddress
    session: SignedIn | None
    origin: Origin
    window_tag: str = ""

    @property
    def asked(self) -> Asked:
        """What limits count it by."""
        return Asked(self.channel, self.email, self.session.user_id if self.session else None)


async def send_email(call: Call, body: SendEmail) -> None:
    """Mail a code to an address, for one purpose.

    Works without a sign-in, and then never tells whether the address has an account: same
    answer, same time. A code for binding or changing that is asked for while signed in belongs
    to that user; one that is not belongs to the address, and the first signed-in user to show
    it may use it. Codes for unbinding and closing belong to the account that has the address.

    Refuses: ClientUnauthenticated (a secret may be left out, not be wrong), EmailInvalid,
    NotSupported, EmailAlreadyBound, SentTooRecently, TooManyRequests; signed in also
    NoEmailBound and OldEmailMismatch; NotSignedIn where the pool wants codes to be asked for by
    signed-in users only.
    """
    if body.channel not in TEMPLATES:
        raise NotSupported
    origin = call.origin(vouched=client_authentication.vouched(call.app, call.credentials))
    call.known.client = origin.client
    email, session = address_in(call.pool, body.email), await signed_in(call)
    await mail_code(call, Wanted(body.channel, email, session, origin))


async def mail_code(call: Call, wanted: Wanted) -> None:
    """Mail what is wanted, if it may be. Refuses: as `send_email` does, but for its body."""
    _may_ask(call, wanted)
    database, origin, asked = call.context.database, wanted.origin, wanted.asked
    await limits.count_ask(database, call.pool, origin)
    head = Letterhead(call.context, call.pool.id, call.app.name, _language(call, wanted.session))

    async def work(tx: Transaction) -> None:
        await limits.count_mail(tx, call.pool, origin, asked)
        await _mail(tx, call, head, wanted)
        client, detail = origin.client, wanted.channel
        await call.record(tx, "sendEmail", asked.user_id, client=client, detail=detail)

    await database.unit(work)


async def _mail(tx: Transaction, call: Call, head: Letterhead, wanted: Wanted) -> None:
    """The mail that is fitting: a code, a link, or a word that there is no account.

    Where none is, one is written that stays here, so that the work tells nothing either.
    """
    email, channel = wanted.email, wanted.channel
    asks_owner = channel in OF_THE_OWNER or channel is Channel.RESET_PASSWORD
    owner = await users.find_by_email(tx, call.pool.id, email) if asks_owner else None
    unasked = wanted.session is None
    stopped = unasked and await mail_stops.stands(tx, call.pool.id, str(email))
    withheld = stopped or (channel in OF_THE_OWNER and owner is None)
    nobody = _nobody_at(call, email)
    subject = nobody if stopped else _subject(wanted, owner, nobody)
    if channel is Channel.VERIFY_EMAIL_LINK:
        expires_at = tx.now + call.pool.settings.verifyCodeExpiresIn * 1000
        await mails.verify_link(tx, head, email, subject, expires_at, withheld=withheld)
        return
    purpose = Purpose(call.pool, channel, email, subject)
    tells = not (unasked and channel in OF_THE_OWNER)
    code = await codes.issue(
        tx, call.context.keys, call.context.chance, purpose, wanted.origin.prover, tells=tells
    )
    no_account = channel is Channel.RESET_PASSWORD and owner is None
    template = mails.NO_ACCOUNT if no_account else TEMPLATES[channel]
    await mails.code_mail(
        tx,
        head,
        template,
        email,
        code,
        may_be_refused=unasked,
        withheld=withheld or code.refused,
        window_tag=wanted.window_tag,
    )


async def signed_in(call: Call) -> SignedIn | None:
    """The caller's session where one is alive: public calls ignore stale tokens."""
    if call.claims is None:
        return None
    try:
        session = await sessions.alive(call.context.database.reader(), call.claims, call.app)
    except (SessionEnded, UserSuspended):
        return None
    call.known.user_id, call.known.session_id = session.user_id, session.session_id
    return session


def _may_ask(call: Call, wanted: Wanted) -> None:
    session, channel = wanted.session, wanted.channel
    if session is None:
        of_users = (Channel.BIND_EMAIL, Channel.UPDATE_EMAIL)
        if channel in of_users and call.pool.settings.codesNeedSignIn:
            raise NotSignedIn
        return
    if channel is Channel.BIND_EMAIL and session.email is not None:
        raise EmailAlreadyBound
    if channel in OF_THE_OWNER:
        if session.email is None:
            raise NoEmailBound
        if session.email != str(wanted.email):
            raise OldEmailMismatch


def _nobody_at(call: Call, email: EmailAddress) -> str:
    """The subject of codes and links that are made for the sake of the time they take.

    It looks like an id, and is another for each address: rows of one subject would lie beside
    each other, and be quicker to add.
    """
    keys = call.context.keys
    return keys.mac(keys.first_id, "nobody", call.pool.id, str(email)).hex()[:24]


def _subject(wanted: Wanted, owner: User | None, nobody: str) -> str:
    """Whom a code belongs to: what proves a mailbox only is for whoever holds it."""
    if wanted.channel in OF_THE_OWNER:
        return owner.id if owner else nobody
    if wanted.session is None or wanted.channel in OF_THE_MAILBOX:
        return ANYBODY
    return wanted.session.user_id


def _language(call: Call, session: SignedIn | None) -> Language:
    own = session.language if session else None
    return Language(own) if own else call.speaks()
