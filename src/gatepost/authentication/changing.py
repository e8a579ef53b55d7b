"""What every change of an account by its owner begins with."""

from __future__ import annotations

from gatepost.authentication.mails import Letterhead
from gatepost.context import OwnerCall, SignedInCall
from gatepost.credentials import sessions
from gatepost.storage import step_tokens, verification_codes
from gatepost.storage.database import Transaction
from gatepost.vocabulary.refusals import ChangesPaused, ReauthenticationRequired
from gatepost.vocabulary.user import User

FRESH_SIGN_IN = 15 * 60_000
"""Milliseconds after a sign-in in which its owner is taken to be who still holds the session."""


def is_stale(call: SignedInCall, now: int) -> bool:
    """Whether a session's sign-in is so long ago that its token may have got elsewhere.

    What is added to an account then, an address or a first password, is not trusted as a way in.
    """
    return now - call.session.authenticated_at > FRESH_SIGN_IN


async def held(tx: Transaction, call: SignedInCall) -> OwnerCall:
    """The same call in a unit that begins after it: the session is alive still.

    Refuses: SessionEnded, UserSuspended.
    """
    session, user = await sessions.hold_on(tx, call.session)
    return OwnerCall(
        context=call.context,
        request_id=call.request_id,
        caller=call.caller,
        language=call.language,
        session=session,
        user=user,
    )


def changeable(call: OwnerCall, now: int) -> User:
    """The caller's account, if its address may be changed in this session now.

    Refuses: ChangesPaused after an undo, ReauthenticationRequired where the pool asks for a
    recent sign-in.
    """
    if call.user.paused_at(now):
        raise ChangesPaused
    within = call.pool.settings.reauthenticateWithin
    if within and now - call.session.authenticated_at > within * 1000:
        raise ReauthenticationRequired
    return call.user


async def void_pending(tx: Transaction, user: User) -> None:
    """Make every code and step token of an account worthless, as it was before a change.

    Codes of its address that anybody may show die too, but not those of other users: theirs
    are told that the address is taken.
    """
    await verification_codes.void_of_user(tx, user.id)
    if user.email is not None:
        await verification_codes.void_of_address(tx, user.user_pool_id, user.email, user.id)
    await step_tokens.void_of_user(tx, user.id)


def letterhead(call: SignedInCall) -> Letterhead:
    """Who mails about the caller's account come from, in the caller's language."""
    return Letterhead(call.context, call.pool.id, call.session.app_name, call.mail_language())
