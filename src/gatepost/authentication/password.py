"""Change a password, or set a new one when it is forgotten."""

from __future__ import annotations

from typing import Any, Literal

from gatepost.authentication import mails
from gatepost.authentication.changing import held, is_stale, letterhead, void_pending
from gatepost.authentication.mails import Letterhead
from gatepost.context import Call, Context, SignedInCall, address_in
from gatepost.credentials import client_authentication, codes, limits, steps
from gatepost.credentials.codes import Purpose
from gatepost.credentials.password_transport import PasswordEncryption
from gatepost.storage import password_attempts, sessions, users
from gatepost.storage.database import Transaction
from gatepost.storage.step_tokens import Step
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.fields import Answer, Body, Text, TypedCode, TypedEmail
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.password_rules import check_new_password
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import (
    ChangesPaused,
    InvalidRequest,
    NotSupported,
    OldPasswordRequired,
    OldPasswordWrong,
    PasswordReused,
    ReauthenticationRequired,
    SessionEnded,
    TokenInvalid,
    UserNotFound,
    UserSuspended,
)
from gatepost.vocabulary.user import User
from gatepost.vocabulary.verification_code import ANYBODY


class UpdatePassword(Body):
    """The new password; the present one where there is one."""

    new_password: Text
    old_password: str | None = None
    password_encrypt_type: PasswordEncryption = PasswordEncryption.NONE


async def update_password(call: SignedInCall, body: UpdatePassword) -> None:
    """Change one's own password, or set the first one.

    The user's other sessions end. A notice goes to the account's address, if it has one. A first
    password wants a sign-in of the last 15 minutes: whoever stole a token would keep the account.

    Refuses: OldPasswordRequired, OldPasswordWrong, PasswordReused, PasswordTooWeak,
    ReauthenticationRequired, TooManyRequests; SessionEnded where the session ends meanwhile.
    """
    context = call.context
    user = await users.find(context.database.reader(), call.session.user_id)
    if user is None:
        raise SessionEnded
    attempt = limits.password_attempt(call.pool, call.origin(), f"user {user.id}")
    if user.password_hash is None:
        if is_stale(call, context.clock()):
            raise ReauthenticationRequired
    else:
        if not body.old_password:
            raise OldPasswordRequired
        context.passwords.require_room()
        await limits.count_password_attempt(context.database, call.pool, attempt)
        old = await opened_password(
            context, body.password_encrypt_type, body.old_password, "oldPassword"
        )
        if not (await context.passwords.check(old, user.password_hash)).ok:
            raise OldPasswordWrong
        # Now, not with the change: a new password that is refused is no guess at the old one.
        await context.database.unit(lambda tx: password_attempts.forget(tx, attempt))
    new_hash, level = await _new_hash(
        context, user, body.password_encrypt_type, body.new_password, "newPassword"
    )

    async def work(tx: Transaction) -> None:
        current = (await held(tx, call)).user
        if current.stamp != user.stamp:
            raise SessionEnded  # address, password or status changed while this was checked
        await _set_password(tx, current, new_hash, level)
        await sessions.end_others(tx, user.id, call.session.session_id)
        if current.email is not None:
            to = EmailAddress.stored(current.email)
            await mails.notice(tx, letterhead(call), "password_changed", to)
        await call.record(tx, "updateUserPassword")

    await context.database.unit(work)


class EmailProof(Body):
    """An address, and a code of CHANNEL_RESET_PASSWORD that was mailed to it."""

    pass_code: TypedCode
    email: TypedEmail | None = None


class VerifyResetPasswordRequest(Body):
    """Proof of a mailbox; phones are not known here."""

    verify_method: Literal["EMAIL_PASSCODE", "PHONE_PASSCODE"]
    email_pass_code_payload: EmailProof | None = None

    @classmethod
    def relevant(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """Leave out the payload of the other method, which SDKs send empty."""
        if raw.get("verifyMethod") == "EMAIL_PASSCODE":
            return raw
        return {name: value for name, value in raw.items() if name != "emailPassCodePayload"}


class ResetPasswordGranted(Answer):
    """A token for the next step, good once and for `tokenExpiresIn` seconds."""

    password_reset_token: str
    token_expires_in: int


async def verify_reset_password_request(
    call: Call, body: VerifyResetPasswordRequest
) -> ResetPasswordGranted:
    """Prove the mailbox of an account whose password is forgotten. Needs no sign-in.

    Refuses: EmailInvalid, CodeIncorrect, CodeExpired, TooManyRequests, NotSupported for phones;
    after the proof UserNotFound, UserSuspended, ChangesPaused.
    """
    if body.verify_method == "PHONE_PASSCODE":
        raise NotSupported
    payload = body.email_pass_code_payload
    if payload is None or not payload.email:
        raise InvalidRequest("emailPassCodePayload.email", Problem.MISSING)
    email = address_in(call.pool, payload.email)
    purpose = Purpose(call.pool, Channel.RESET_PASSWORD, email, ANYBODY)
    origin = call.origin(vouched=client_authentication.vouched(call.app, call.credentials))
    call.known.client = origin.client
    await limits.count_sign_in(call.context.database, call.pool, origin)

    async def work(tx: Transaction) -> ResetPasswordGranted:
        proof = await codes.check(tx, call.context.keys, purpose, payload.pass_code, origin.prover)
        user = await _owner(tx, call, email)
        await codes.spend(tx, proof)
        token = await steps.grant(
            tx, call.context.chance, Step.RESET_PASSWORD, user, steps.NO_SESSION, str(email)
        )
        await call.record(tx, "verifyResetPasswordRequest", user.id, client=origin.client)
        return ResetPasswordGranted(
            password_reset_token=token,
            token_expires_in=steps.LIFE_SECONDS[Step.RESET_PASSWORD],
        )

    return await call.context.database.unit(work)


async def _owner(tx: Transaction, call: Call, email: EmailAddress) -> User:
    """The account that a proved address may reset. Refuses as the endpoint says."""
    found = await users.find_by_email(tx, call.pool.id, email)
    user = await users.lock(tx, found.id) if found else None
    if user is None or user.email != str(email) or user.on_probation_at(tx.now):
        raise UserNotFound
    if not user.active:
        raise UserSuspended
    if user.paused_at(tx.now):
        raise ChangesPaused
    return user


class ResetPassword(Body):
    """The token from the step before, and the new password."""

    password_reset_token: Text
    password: Text
    password_encrypt_type: PasswordEncryption = PasswordEncryption.NONE


class Done(Answer):
    """The step was done."""

    success: bool


async def reset_password(call: Call, body: ResetPassword) -> Done:
    """Set a new password with the token of a proved mailbox.

    All sessions and refresh tokens of the account end; a notice goes to its address.

    Refuses: TokenInvalid, PasswordTooWeak, TooManyRequests.
    """
    context = call.context
    origin = call.origin(vouched=client_authentication.vouched(call.app, call.credentials))
    call.known.client = origin.client
    await limits.count_sign_in(context.database, call.pool, origin)
    password = await opened_password(context, body.password_encrypt_type, body.password, "password")
    if password is None:
        raise InvalidRequest("password", Problem.NOT_DECRYPTABLE)
    check_new_password(password)
    # A hash takes long, and whoever calls has not signed in: only who holds a token gets one.
    seen = await steps.holder(
        context.database.reader(), Step.RESET_PASSWORD, body.password_reset_token
    )
    level = check_new_password(password, seen.username, seen.email)
    new_hash = await context.passwords.hash(password)

    async def work(tx: Transaction) -> None:
        granted, user = await steps.redeem_unsigned(
            tx, Step.RESET_PASSWORD, body.password_reset_token
        )
        if user.user_pool_id != call.pool.id or user.email != granted.new_email:
            raise TokenInvalid
        unproved = user.address_is_unproved
        email = EmailAddress.stored(user.email or "")
        await _set_password(tx, user, new_hash, level)
        if user.email_verified_at is None:
            await users.note_proof(tx, user.id, email)
        await sessions.end_all(tx, user.id)
        language = Language(user.language) if user.language else call.speaks()
        head = Letterhead(context, call.pool.id, call.app.name, language)
        template = "earlier_password_removed" if unproved else "user_password_reset_notification"
        await mails.notice(tx, head, template, email)
        await call.record(tx, "updateUserPassword", user.id, client=origin.client)

    await context.database.unit(work)
    return Done(success=True)


async def _set_password(tx: Transaction, user: User, new_hash: str, level: int) -> None:
    """Set a password; whatever was granted or mailed before is worth nothing any more."""
    await users.set_password(tx, user.id, new_hash, level)
    await void_pending(tx, user)


async def _new_hash(
    context: Context, user: User, encryption: PasswordEncryption, typed: str, field: str
) -> tuple[str, int]:
    """The hash and strength of a new password. Refuses: PasswordTooWeak, PasswordReused."""
    password = await opened_password(context, encryption, typed, field)
    if password is None:
        raise InvalidRequest(field, Problem.NOT_DECRYPTABLE)
    level = check_new_password(password, user.username, user.email)
    stored = user.password_hash
    if stored is not None and (await context.passwords.check(password, stored)).ok:
        raise PasswordReused
    return await context.passwords.hash(password, field), level


async def opened_password(
    context: Context, encryption: PasswordEncryption, typed: str, field: str
) -> str | None:
    """A password as it was meant; None where it cannot be decrypted."""
    if encryption is PasswordEncryption.NONE:
        return typed
    opened = context.key_store.transport.opened
    return await context.passwords.run(opened, encryption, typed, field)
