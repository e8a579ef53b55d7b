"""Give an account its first address, or take the address off."""

from __future__ import annotations

from gatepost.authentication import mails
from gatepost.authentication.changing import changeable, is_stale, letterhead, void_pending
from gatepost.context import OwnerCall, address_in
from gatepost.credentials import codes
from gatepost.credentials.codes import Purpose
from gatepost.storage import email_changes, users
from gatepost.storage.database import Transaction
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.fields import Body, TypedCode, TypedEmail
from gatepost.vocabulary.identifiers import new_row_id
from gatepost.vocabulary.refusals import EmailAlreadyBound, LastSignInMethod, NoEmailBound
from gatepost.vocabulary.user import User

PROBATION = 24 * 3_600_000


class BindEmail(Body):
    """An address, and the code that was mailed to it."""

    email: TypedEmail
    pass_code: TypedCode


async def bind_email(tx: Transaction, call: OwnerCall, body: BindEmail) -> None:
    """Give an account its first address, proved by the code mailed to it.

    The code is one of CHANNEL_BIND_EMAIL. A receipt goes to the address. An address that is
    bound long after the sign-in is on probation for a day: while the account has another way
    in, it opens nothing by itself, so that a stolen token gains nothing lasting.

    Refuses: EmailInvalid, CodeIncorrect, CodeExpired, EmailAlreadyBound, EmailTaken,
    ChangesPaused, ReauthenticationRequired; what is refused leaves the code unspent.
    """
    email = address_in(call.pool, body.email)
    user = changeable(call, tx.now)
    if user.email is not None:
        raise EmailAlreadyBound
    purpose = Purpose(call.pool, Channel.BIND_EMAIL, email, user.id)
    prover = call.origin().prover
    await codes.spend(tx, await codes.check(tx, call.context.keys, purpose, body.pass_code, prover))
    stale = is_stale(call, tx.now)
    # One that still runs goes on: an undo may bring back the address that it is about.
    probation_until = max(user.email_probation_until, tx.now + PROBATION if stale else 0)
    await users.bind_email(tx, user.id, email, probation_until=probation_until)
    await void_pending(tx, user)
    change_id = new_row_id(call.context.chance, tx.now)
    await email_changes.add(
        tx, change_id, user_id=user.id, event="bind", old_email=None, new_email=str(email)
    )
    await mails.email_bound(tx, letterhead(call), email, change_id)
    await call.record(tx, "bindEmail")


class UnbindEmail(Body):
    """The code that was mailed to the account's own address."""

    pass_code: TypedCode


async def unbind_email(tx: Transaction, call: OwnerCall, body: UnbindEmail) -> None:
    """Take an account's address off, proved by a code of CHANNEL_UNBIND_EMAIL mailed to it.

    A notice with an undo goes to the address.

    Refuses: NoEmailBound, LastSignInMethod where nobody could sign in any more, CodeIncorrect,
    CodeExpired, ChangesPaused, ReauthenticationRequired.
    """
    user, email = unbindable(call, tx.now)
    purpose = Purpose(call.pool, Channel.UNBIND_EMAIL, email, user.id)
    prover = call.origin().prover
    await codes.spend(tx, await codes.check(tx, call.context.keys, purpose, body.pass_code, prover))
    await users.unbind_email(tx, user.id)
    await void_pending(tx, user)
    change_id = new_row_id(call.context.chance, tx.now)
    await email_changes.add(
        tx, change_id, user_id=user.id, event="unbind", old_email=str(email), new_email=None
    )
    await mails.email_unbound(tx, letterhead(call), email, change_id)
    await call.record(tx, "unbindEmail")


def unbindable(call: OwnerCall, now: int) -> tuple[User, EmailAddress]:
    """The caller's account and the address that may be taken off it.

    Refuses: NoEmailBound, LastSignInMethod, ChangesPaused, ReauthenticationRequired.
    """
    user = changeable(call, now)
    if user.email is None:
        raise NoEmailBound
    if not user.ways_in_without_email:
        raise LastSignInMethod
    return user, EmailAddress.stored(user.email)
