"""What the buttons behind the links in mails do. Each link works once."""

from __future__ import annotations

from msgspec import Struct

from gatepost.authentication import mails
from gatepost.authentication.mails import Letterhead
from gatepost.authentication.sign_in import drop_what_was_there
from gatepost.context import Context
from gatepost.credentials.secrets import digest_of
from gatepost.storage import (
    audit_log,
    email_changes,
    links,
    mail_stops,
    sessions,
    step_tokens,
    users,
    verification_codes,
)
from gatepost.storage.audit_log import AuditEvent
from gatepost.storage.database import Transaction
from gatepost.storage.email_changes import EmailChange
from gatepost.storage.links import Link, LinkPurpose
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.password_rules import check_new_password
from gatepost.vocabulary.refusals import EmailTaken, TokenInvalid, WrongCredentials
from gatepost.vocabulary.user import User
from gatepost.vocabulary.verification_code import ANYBODY

PAUSE = 24 * 3_600_000
"""Milliseconds that changes rest after an undo."""

STOP = 24 * 3_600_000
"""Milliseconds that code mail to an address rests when its owner asked for none."""


class Press(Struct, frozen=True):
    """A button that was pressed: by whom is not known, only that they hold the link."""

    context: Context
    token: str
    language: Language
    request_id: str
    client_address: str | None
    user_agent: str | None


async def undo(press: Press) -> None:
    """Restore the address before a change, and make the account safe.

    Every later change is voided too, all sessions and pending steps end, and for a day neither
    the address can be changed nor the password reset. Where the address belongs to somebody
    else by now, the new one is only taken off.

    Refuses: TokenInvalid.
    """
    database = press.context.database
    try:
        await database.unit(lambda tx: _undo(tx, press, restore=True))
    except EmailTaken:
        await database.unit(lambda tx: _undo(tx, press, restore=False))


async def _undo(tx: Transaction, press: Press, *, restore: bool) -> None:
    link = await _used(tx, press, LinkPurpose.UNDO)
    change, user = await _standing(tx, link)
    old = EmailAddress.stored(change.old_email) if change.old_email and restore else None
    if old is not None:
        other = await users.find_by_email(tx, link.user_pool_id, old)
        old = old if other is None or other.id == user.id else None
    await _void_all(tx, user)
    verified_at = tx.now if old is not None else None
    await users.set_email(tx, user.id, old, verified_at=verified_at)
    await users.pause_changes(tx, user.id, tx.now + PAUSE)
    await sessions.end_all(tx, user.id)
    await email_changes.void_from(tx, change)
    await mails.notice(tx, _head(press, link, user), "undo_done", EmailAddress.stored(link.email))
    await audit_log.record(tx, _event(press, link, user, "updateUserEmail", "undo"))


async def not_me(press: Press) -> None:
    """Take an address off the account that bound it: its owner says it was not them.

    Only while that bind stands, and whatever ways in remain to the account.

    Refuses: TokenInvalid.
    """

    async def work(tx: Transaction) -> None:
        link = await _used(tx, press, LinkPurpose.NOT_ME)
        change, user = await _standing(tx, link)
        if user.email != link.email:
            raise TokenInvalid
        await _void_all(tx, user)
        await users.set_email(tx, user.id, None, verified_at=None)
        await email_changes.void_from(tx, change)
        await audit_log.record(tx, _event(press, link, user, "unbindEmail", "not me"))

    await press.context.database.unit(work)


async def not_asked(press: Press) -> None:
    """Stop code mail that strangers ask for to an address, for a day; its codes die.

    A confirmation with "allow again" goes to the address.

    Refuses: TokenInvalid.
    """

    async def work(tx: Transaction) -> None:
        link = await _used(tx, press, LinkPurpose.NOT_ASKED)
        await mail_stops.put(tx, link.user_pool_id, link.email, tx.now + STOP)
        await verification_codes.void_of_address(tx, link.user_pool_id, link.email, ANYBODY)
        head = _head(press, link, None)
        await mails.code_mail_stopped(tx, head, EmailAddress.stored(link.email))

    await press.context.database.unit(work)


async def allow_again(press: Press) -> None:
    """Let code mail to an address through again. Refuses: TokenInvalid."""

    async def work(tx: Transaction) -> None:
        link = await _used(tx, press, LinkPurpose.ALLOW_AGAIN)
        await mail_stops.lift(tx, link.user_pool_id, link.email)

    await press.context.database.unit(work)


class Proof(Struct, frozen=True):
    """What the verify page may ask for: the password of the sign-up, or else a new one."""

    password: str | None = None
    new_password: str | None = None


async def verify(press: Press, proof: Proof) -> None:
    """Note that an account's address was proved by opening its mail.

    Whoever signed up with it may have been somebody else: with the password of the sign-up
    everything stays, else a new password is set and what was there before is dropped.

    Refuses: TokenInvalid, WrongCredentials, PasswordTooWeak.
    """
    context = press.context
    link = await look(press.context, LinkPurpose.VERIFY, press.token)
    seen = await users.find(context.database.reader(), link.subject)
    if seen is None:
        raise TokenInvalid
    new_hash, level = None, None
    if seen.address_is_unproved:
        if proof.new_password:
            level = check_new_password(proof.new_password, seen.username, seen.email)
            new_hash = await context.passwords.hash(proof.new_password)
        elif not (await context.passwords.check(proof.password, seen.password_hash)).ok:
            raise WrongCredentials

    async def work(tx: Transaction) -> None:
        used = await _used(tx, press, LinkPurpose.VERIFY)
        user = await users.lock(tx, used.subject)
        if user is None or user.stamp != seen.stamp or user.email != used.email:
            raise TokenInvalid
        await users.set_verified_email(tx, user.id, EmailAddress.stored(used.email))
        if new_hash is not None:
            await drop_what_was_there(tx, user)
            await users.set_password(tx, user.id, new_hash, level)

    await context.database.unit(work)


async def look(context: Context, purpose: LinkPurpose, token: str) -> Link:
    """A link that could be used now: what a page shows. Changes nothing.

    Refuses: TokenInvalid.
    """
    reader = context.database.reader()
    link = await links.find(reader, purpose, digest_of(token))
    if link is None or link.used_at is not None or link.expires_at <= reader.now:
        raise TokenInvalid
    return link


async def asks_for_password(context: Context, link: Link) -> bool:
    """Whether verifying by this link takes a password."""
    user = await users.find(context.database.reader(), link.subject)
    return user is not None and user.address_is_unproved


async def _used(tx: Transaction, press: Press, purpose: LinkPurpose) -> Link:
    link = await links.use(tx, purpose, digest_of(press.token))
    if link is None:
        raise TokenInvalid
    return link


async def _standing(tx: Transaction, link: Link) -> tuple[EmailChange, User]:
    """The change that a link speaks of, if it still stands, and the account, held."""
    change = await email_changes.find(tx, link.subject)
    user = await users.lock(tx, change.user_id) if change else None
    if change is None or user is None or change.voided_at is not None:
        raise TokenInvalid
    return change, user


async def _void_all(tx: Transaction, user: User) -> None:
    await verification_codes.void_of_user(tx, user.id)
    if user.email is not None:
        await verification_codes.void_of_address(tx, user.user_pool_id, user.email, user.id)
    await step_tokens.void_of_user(tx, user.id)


def _head(press: Press, link: Link, user: User | None) -> Letterhead:
    language = Language(user.language) if user and user.language else press.language
    return Letterhead(press.context, link.user_pool_id, link.app_name, language)


def _event(press: Press, link: Link, user: User, name: str, detail: str) -> AuditEvent:
    return AuditEvent(
        id=new_id(press.context.chance),
        event=name,
        succeeded=True,
        user_pool_id=link.user_pool_id,
        app_id=None,
        user_id=user.id,
        session_id=None,
        request_id=press.request_id,
        client_address=press.client_address,
        user_agent=press.user_agent,
        detail=detail,
    )
