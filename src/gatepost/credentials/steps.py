"""Tokens between two steps: after the proof, before the change."""

from __future__ import annotations

from gatepost.credentials.secrets import digest_of, new_secret_token
from gatepost.storage import step_tokens, users
from gatepost.storage.database import Reader, Transaction
from gatepost.storage.step_tokens import Step, StepToken
from gatepost.vocabulary.identifiers import Chance
from gatepost.vocabulary.refusals import TokenInvalid
from gatepost.vocabulary.user import User

LIFE_SECONDS = {Step.UPDATE_EMAIL: 60, Step.DELETE_ACCOUNT: 60, Step.RESET_PASSWORD: 300}

NO_SESSION = ""
"""For steps that need no sign-in."""


async def grant(
    tx: Transaction,
    chance: Chance,
    step: Step,
    user: User,
    session_id: str,
    new_email: str | None = None,
) -> str:
    """A token for the next step, tied to the user as they are now and to the session."""
    token = new_secret_token(chance)
    await step_tokens.put(
        tx,
        StepToken(
            purpose=step,
            user_id=user.id,
            digest=digest_of(token),
            session_id=session_id,
            stamp=user.stamp,
            new_email=new_email,
            expires_at=tx.now + LIFE_SECONDS[step] * 1000,
        ),
    )
    return token


async def holder(reader: Reader, step: Step, token: str) -> User:
    """Whose token it is, before something is done that takes long; redeeming it looks closer.

    Refuses: TokenInvalid where it is wrong, used or late. It is too long to be guessed, so the
    time of that answer tells nothing.
    """
    granted = await step_tokens.find(reader, step, digest_of(token))
    user = await users.find(reader, granted.user_id) if granted else None
    if granted is None or user is None or reader.now >= granted.expires_at:
        raise TokenInvalid
    return user


async def redeem(tx: Transaction, step: Step, token: str, user: User, session_id: str) -> StepToken:
    """Use up the token of a user who is signed in and held.

    Refuses: TokenInvalid where it is wrong, used, late, of another user or session, or where
    address, password or status of the user have changed since.
    """
    granted = await step_tokens.take(tx, step, digest_of(token))
    if granted is None or granted.user_id != user.id:
        raise TokenInvalid
    return _still_good(tx, granted, user, session_id)


async def redeem_unsigned(tx: Transaction, step: Step, token: str) -> tuple[StepToken, User]:
    """Use up a token that needs no sign-in; its user is held until the unit ends.

    Refuses: TokenInvalid as `redeem` does.
    """
    granted = await step_tokens.take(tx, step, digest_of(token))
    user = await users.lock(tx, granted.user_id) if granted else None
    if granted is None or user is None:
        raise TokenInvalid
    return _still_good(tx, granted, user, NO_SESSION), user


def _still_good(tx: Transaction, granted: StepToken, user: User, session_id: str) -> StepToken:
    if granted.expires_at <= tx.now or granted.session_id != session_id:
        raise TokenInvalid
    if not user.active or user.stamp != granted.stamp:
        raise TokenInvalid
    return granted
