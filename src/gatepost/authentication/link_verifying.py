"""Prove a mailbox by the link that was mailed to it."""

from __future__ import annotations

from msgspec import Struct

from gatepost.authentication import mails
from gatepost.authentication.changing import void_pending
from gatepost.authentication.link_look import owner
from gatepost.authentication.links import Press, head, record, used
from gatepost.authentication.sign_in import drop_what_was_there
from gatepost.credentials import limits
from gatepost.credentials.limits import Origin
from gatepost.credentials.secrets import digest_of
from gatepost.storage import links, password_attempts, sessions, user_pools, users
from gatepost.storage.database import Transaction
from gatepost.storage.links import LinkPurpose
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.password_rules import check_new_password
from gatepost.vocabulary.refusals import TokenInvalid, UserSuspended, WrongCredentials
from gatepost.vocabulary.user import User


class Proof(Struct, frozen=True):
    """What the verify page may ask for: the password of the sign-up, or else a new one.

    Neither is needed where `session_id` is a session of that account.
    """

    password: str | None = None
    new_password: str | None = None
    session_id: str | None = None


class NewPassword(Struct, frozen=True):
    """A new password's hash and strength."""

    hash: str
    level: int


async def verify(press: Press, proof: Proof) -> None:
    """Note that an account's address was proved by opening its mail.

    Whoever signed up with it may have been somebody else: with the password of the sign-up, or
    in a session of that account, everything stays, else a new password is set, what was there
    before is dropped, and a mail says so.

    Refuses: TokenInvalid, WrongCredentials, PasswordTooWeak, InvalidRequest (a password that
    is too long), TooManyRequests, UserSuspended.
    """
    reader = press.context.database.reader()
    link = await links.find_open(reader, LinkPurpose.VERIFY, digest_of(press.token))
    if link is None:
        raise TokenInvalid
    seen = await owner(reader, link)
    ask = seen.address_is_unproved and proof.session_id is None
    new = await _checked(press, seen, proof) if ask else None

    async def work(tx: Transaction) -> None:
        used_up = await used(tx, press, LinkPurpose.VERIFY)
        user = await users.lock(tx, used_up.subject)
        if user is None or user.stamp != seen.stamp or user.email != used_up.email:
            raise TokenInvalid
        if not user.active:
            raise UserSuspended
        if proof.session_id is not None:
            await _of_account(tx, user, proof.session_id)
        if user.email_verified_at is not None:
            return  # proved meanwhile; doing it again would end a probation
        email = EmailAddress.stored(used_up.email)
        await users.note_proof(tx, user.id, email)
        if new is not None:
            await drop_what_was_there(tx, user)
            await void_pending(tx, user)
            await users.set_password(tx, user.id, new.hash, new.level)
            letterhead = head(press, used_up, user)
            await mails.notice(tx, letterhead, "earlier_password_removed", email)
            await record(tx, press, used_up, user.id, "updateUserPassword")
        await record(tx, press, used_up, user.id, "verifyEmail")

    await press.context.database.unit(work)


async def _of_account(tx: Transaction, user: User, session_id: str) -> None:
    """Refuses: WrongCredentials, where the session has ended meanwhile or is of somebody else."""
    session = await sessions.find(tx, session_id)
    if session is None or session.user_id != user.id or not session.alive_at(tx.now):
        raise WrongCredentials


async def _checked(press: Press, user: User, proof: Proof) -> NewPassword | None:
    """The new password, if one was chosen; else the present one must be right."""
    passwords = press.context.passwords
    if proof.new_password is not None:
        level = check_new_password(proof.new_password, user.username, user.email)
        return NewPassword(await passwords.hash(proof.new_password, "newPassword"), level)
    attempt = await _counted_attempt(press, user)
    if not (await passwords.check(proof.password, user.password_hash)).ok:
        raise WrongCredentials
    await press.context.database.unit(lambda tx: password_attempts.forget(tx, attempt))
    return None


async def _counted_attempt(press: Press, user: User) -> str:
    """Count a guess at a password before it is compared. Refuses: TooManyRequests."""
    database = press.context.database
    pool = await user_pools.find(database.reader(), user.user_pool_id)
    if pool is None:
        raise TokenInvalid
    origin = Origin(pool.id, "", press.client_address)
    attempt = limits.password_attempt(pool, origin, f"user {user.id}")
    press.context.passwords.require_room()
    await limits.count_password_attempt(database, pool, attempt)
    return attempt
