"""Change the address of an account, in two steps: prove, then change."""

from __future__ import annotations

from typing import Literal

from gatepost.authentication import mails
from gatepost.authentication.changing import changeable, letterhead, void_pending
from gatepost.context import OwnerCall, SignedInCall, address_in
from gatepost.credentials import codes, steps
from gatepost.credentials.codes import Purpose
from gatepost.storage import email_changes, sessions, users
from gatepost.storage.database import Transaction
from gatepost.storage.step_tokens import Step
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.fields import Answer, Body, Text, TypedCode, TypedEmail
from gatepost.vocabulary.identifiers import new_row_id
from gatepost.vocabulary.refusals import (
    EmailTaken,
    NoEmailBound,
    OldEmailMismatch,
    OldEmailRequired,
    SameEmail,
    TokenInvalid,
)
from gatepost.vocabulary.user import User


class NewEmailPayload(Body):
    """The new address with its code; the old one with its code where the pool asks for it."""

    new_email: TypedEmail
    new_email_pass_code: TypedCode
    old_email: TypedEmail | None = None
    old_email_pass_code: TypedCode | None = None


class VerifyUpdateEmailRequest(Body):
    """Proof of the mailboxes that are concerned."""

    verify_method: Literal["EMAIL_PASSCODE"]
    email_pass_code_payload: NewEmailPayload


class UpdateEmailGranted(Answer):
    """A token for the next step, good once and for `tokenExpiresIn` seconds."""

    update_email_token: str
    token_expires_in: int


async def verify_update_email_request(
    tx: Transaction, call: OwnerCall, body: VerifyUpdateEmailRequest
) -> UpdateEmailGranted:
    """Prove the new address and, where the pool asks for it, the old one.

    Both codes are of CHANNEL_UPDATE_EMAIL, and are used up together. A second request voids the
    token of the first.

    Refuses: NoEmailBound, EmailInvalid, SameEmail, OldEmailRequired, OldEmailMismatch,
    CodeIncorrect, CodeExpired, EmailTaken, ChangesPaused, ReauthenticationRequired.
    """
    payload = body.email_pass_code_payload
    new = address_in(call.pool, payload.new_email)
    user = changeable(call, tx.now)
    if user.email is None:
        raise NoEmailBound
    if str(new) == user.email:
        raise SameEmail
    shown = [(Purpose(call.pool, Channel.UPDATE_EMAIL, new, user.id), payload.new_email_pass_code)]
    old_code = _old_code(call, user, payload)
    if old_code is not None:
        old = EmailAddress.stored(user.email)
        shown.append((Purpose(call.pool, Channel.UPDATE_EMAIL, old, user.id), old_code))
    proofs = await codes.check_all(tx, call.context.keys, shown, call.origin().prover)
    if await users.find_by_email(tx, call.pool.id, new) is not None:
        raise EmailTaken
    for proof in proofs:
        await codes.spend(tx, proof)
    token = await steps.grant(
        tx, call.context.chance, Step.UPDATE_EMAIL, user, call.session.session_id, str(new)
    )
    await call.record(tx, "verifyUpdateEmailRequest")
    return UpdateEmailGranted(
        update_email_token=token, token_expires_in=steps.LIFE_SECONDS[Step.UPDATE_EMAIL]
    )


def _old_code(call: SignedInCall, user: User, payload: NewEmailPayload) -> str | None:
    """The code of the old address; None where the pool does not ask for it.

    Refuses: OldEmailRequired, OldEmailMismatch.
    """
    if payload.old_email and str(address_in(call.pool, payload.old_email)) != user.email:
        raise OldEmailMismatch
    if not call.pool.settings.changeEmailStrategy.verifyOldEmail:
        return None
    if not payload.old_email or not payload.old_email_pass_code:
        raise OldEmailRequired
    return payload.old_email_pass_code


async def prove_old_email(tx: Transaction, call: OwnerCall, answer: str) -> None:
    """Look whether a code for the old address is right; it stays as it is for the next step.

    Refuses: NoEmailBound, CodeIncorrect, CodeExpired, ChangesPaused, ReauthenticationRequired.
    """
    user = changeable(call, tx.now)
    if user.email is None:
        raise NoEmailBound
    old = EmailAddress.stored(user.email)
    purpose = Purpose(call.pool, Channel.UPDATE_EMAIL, old, user.id)
    prover = call.origin().prover
    await codes.give_back(tx, await codes.check(tx, call.context.keys, purpose, answer, prover))
    await call.record(tx, "preCheckCode")


class UpdateEmail(Body):
    """The token from the step before."""

    update_email_token: Text


async def update_email(tx: Transaction, call: OwnerCall, body: UpdateEmail) -> None:
    """Change the address to the one that was proved.

    The user's other sessions end with their refresh tokens. The old address gets a notice with
    an undo, the new one a receipt.

    Refuses: TokenInvalid where the token is wrong, used or late, or address, password, status
    or session have changed since; EmailTaken, ChangesPaused, ReauthenticationRequired.
    """
    user = changeable(call, tx.now)
    granted = await steps.redeem(
        tx, Step.UPDATE_EMAIL, body.update_email_token, user, call.session.session_id
    )
    if user.email is None or granted.new_email is None:
        raise TokenInvalid
    old, new = EmailAddress.stored(user.email), EmailAddress.stored(granted.new_email)
    await users.bind_email(tx, user.id, new)
    await void_pending(tx, user)
    await sessions.end_others(tx, user.id, call.session.session_id)
    change_id = new_row_id(call.context.chance, tx.now)
    await email_changes.add(
        tx, change_id, user_id=user.id, event="update", old_email=str(old), new_email=str(new)
    )
    head = letterhead(call)
    await mails.email_changed(tx, head, new)
    strategy = call.pool.settings.changeEmailStrategy
    # An address that nobody ever proved must not get a way back in.
    if strategy.verifyOldEmail or (strategy.noticeToOldEmail and not user.address_is_unproved):
        await mails.email_changed_from(tx, head, old, new, change_id)
    await call.record(tx, "updateUserEmail")
