"""The life of an e-mail address on an account."""

from __future__ import annotations

from gatepost.authentication import mails
from gatepost.authentication.mails import Letterhead
from gatepost.context import SignedInCall, address_in
from gatepost.credentials import codes
from gatepost.credentials.codes import Purpose
from gatepost.storage import audit_log, users, verification_codes
from gatepost.storage.database import Transaction
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.fields import Body, TypedCode, TypedEmail
from gatepost.vocabulary.refusals import EmailAlreadyBound, SessionEnded


class BindEmail(Body):
    """An address, and the code that was mailed to it."""

    email: TypedEmail
    pass_code: TypedCode


async def bind_email(tx: Transaction, call: SignedInCall, body: BindEmail) -> None:
    """Give an account its first address, proved by the code mailed to it.

    The code is one of CHANNEL_BIND_EMAIL. A receipt goes to the address.

    Refuses: EmailInvalid, CodeIncorrect, CodeExpired, EmailAlreadyBound, EmailTaken; what is
    refused leaves the code unspent.
    """
    email = address_in(call.pool, body.email)
    user = await users.lock(tx, call.session.user_id)
    if user is None or not user.active:
        raise SessionEnded
    if user.email is not None:
        raise EmailAlreadyBound
    purpose = Purpose(call.pool, Channel.BIND_EMAIL, email, user.id)
    code = await codes.check(tx, call.context.keys, purpose, body.pass_code, call.origin().prover)
    await codes.spend(tx, purpose, code)
    await users.set_verified_email(tx, user.id, email)
    await verification_codes.void_of_user(tx, user.id)
    head = Letterhead(call.context, call.pool.id, call.session.app_name, call.mail_language())
    await mails.email_bound(tx, head, email)
    await audit_log.record(tx, call.event("bindEmail"))
