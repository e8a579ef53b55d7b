"""Delete one's own account, in two steps: prove, then delete."""

from __future__ import annotations

from typing import Any, Literal

from gatepost.authentication import mails
from gatepost.authentication.changing import changeable, held, letterhead, void_pending
from gatepost.authentication.password import Done, opened_password
from gatepost.context import OwnerCall, SignedInCall, address_in
from gatepost.credentials import codes, limits, steps
from gatepost.credentials.codes import Purpose
from gatepost.credentials.password_transport import PasswordEncryption
from gatepost.storage import password_attempts, users
from gatepost.storage.database import Transaction
from gatepost.storage.step_tokens import Step
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.fields import Answer, Body, Text, TypedCode, TypedEmail, with_one_payload
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import (
    ChangesPaused,
    InvalidRequest,
    NoEmailBound,
    NotSupported,
    OldEmailMismatch,
    SessionEnded,
    TokenInvalid,
    WrongCredentials,
)

PAYLOADS = {"EMAIL_PASSCODE": "emailPassCodePayload", "PASSWORD": "passwordPayload"}


class ClosingCode(Body):
    """The account's own address, which may be left out, and a code mailed to it."""

    pass_code: TypedCode
    email: TypedEmail | None = None


class ClosingPassword(Body):
    """The account's password."""

    password: Text
    password_encrypt_type: PasswordEncryption = PasswordEncryption.NONE


class VerifyDeleteAccountRequest(Body):
    """Proof that it is the owner: a code, or the password where there is no address."""

    verify_method: Literal["EMAIL_PASSCODE", "PASSWORD", "PHONE_PASSCODE"]
    email_pass_code_payload: ClosingCode | None = None
    password_payload: ClosingPassword | None = None

    @classmethod
    def relevant(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """Leave out the payloads of other methods, which SDKs send empty."""
        chosen = PAYLOADS.get(str(raw.get("verifyMethod")))
        return with_one_payload(raw, chosen)


class DeleteAccountGranted(Answer):
    """A token for the next step, good once and for `tokenExpiresIn` seconds."""

    delete_account_token: str
    token_expires_in: int


async def verify_delete_account_request(
    call: SignedInCall, body: VerifyDeleteAccountRequest
) -> DeleteAccountGranted:
    """Prove that an account is one's own before it is deleted.

    By a code of CHANNEL_DELETE_ACCOUNT mailed to the account's address; by the password only
    where it has no address.

    Refuses: CodeIncorrect, CodeExpired, WrongCredentials, NoEmailBound, OldEmailMismatch,
    NotSupported, ChangesPaused, ReauthenticationRequired, TooManyRequests.
    """
    if body.verify_method == "EMAIL_PASSCODE":
        return await _by_code(call, body.email_pass_code_payload)
    if body.verify_method == "PASSWORD":
        return await _by_password(call, body.password_payload)
    raise NotSupported


async def _by_code(call: SignedInCall, payload: ClosingCode | None) -> DeleteAccountGranted:
    if payload is None:
        raise InvalidRequest("emailPassCodePayload", Problem.MISSING)
    named = address_in(call.pool, payload.email) if payload.email else None

    async def work(tx: Transaction) -> DeleteAccountGranted:
        owner = await held(tx, call)
        user = changeable(owner, tx.now)
        if user.email is None:
            raise NoEmailBound
        if user.on_probation_at(tx.now):
            raise ChangesPaused
        if named is not None and str(named) != user.email:
            raise OldEmailMismatch
        email = EmailAddress.stored(user.email)
        purpose = Purpose(call.pool, Channel.DELETE_ACCOUNT, email, user.id)
        prover = call.origin().prover
        await codes.spend(
            tx, await codes.check(tx, call.context.keys, purpose, payload.pass_code, prover)
        )
        return await _granted(tx, owner)

    return await call.context.database.unit(work)


async def _by_password(call: SignedInCall, payload: ClosingPassword | None) -> DeleteAccountGranted:
    if payload is None:
        raise InvalidRequest("passwordPayload", Problem.MISSING)
    context = call.context
    user = await users.find(context.database.reader(), call.session.user_id)
    if user is None:
        raise SessionEnded
    if user.email is not None or user.phone is not None:
        raise NotSupported
    attempt = limits.password_attempt(call.pool, call.origin(), f"user {user.id}")
    context.passwords.require_room()
    await limits.count_password_attempt(context.database, call.pool, attempt)
    password = await opened_password(
        context, payload.password_encrypt_type, payload.password, "passwordPayload.password"
    )
    if not (await context.passwords.check(password, user.password_hash)).ok:
        raise WrongCredentials

    async def work(tx: Transaction) -> DeleteAccountGranted:
        owner = await held(tx, call)
        current = changeable(owner, tx.now)
        if current.stamp != user.stamp:
            raise TokenInvalid
        await password_attempts.forget(tx, attempt)
        return await _granted(tx, owner)

    return await context.database.unit(work)


async def _granted(tx: Transaction, call: OwnerCall) -> DeleteAccountGranted:
    token = await steps.grant(
        tx, call.context.chance, Step.DELETE_ACCOUNT, call.user, call.session.session_id
    )
    await call.record(tx, "verifyDeleteAccountRequest")
    return DeleteAccountGranted(
        delete_account_token=token, token_expires_in=steps.LIFE_SECONDS[Step.DELETE_ACCOUNT]
    )


class DeleteAccount(Body):
    """The token from the step before."""

    delete_account_token: Text


async def delete_account(tx: Transaction, call: OwnerCall, body: DeleteAccount) -> Done:
    """Delete one's own account with all its sessions. Its id never comes again.

    A last mail goes to the account's address, if it has one.

    Refuses: TokenInvalid, ChangesPaused, ReauthenticationRequired.
    """
    user = changeable(call, tx.now)
    await steps.redeem(
        tx, Step.DELETE_ACCOUNT, body.delete_account_token, user, call.session.session_id
    )
    if user.email is not None:
        email = EmailAddress.stored(user.email)
        await mails.notice(tx, letterhead(call), "account_deleted", email)
    await void_pending(tx, user)
    await users.remove(tx, user.id)
    await call.record(tx, "deleteAccount")
    return Done(success=True)
