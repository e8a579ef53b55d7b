"""What the buttons behind the links in mails do. Each link works once."""

from __future__ import annotations

from contextlib import suppress

from msgspec import Struct

from gatepost.authentication import mails
from gatepost.authentication.changing import void_pending
from gatepost.authentication.mails import Letterhead
from gatepost.context import Context
from gatepost.credentials.secrets import digest_of
from gatepost.storage import (
    email_changes,
    links,
    mail_stops,
    sessions,
    users,
    verification_codes,
)
from gatepost.storage.audit_log import AuditEvent
from gatepost.storage.database import Transaction
from gatepost.storage.email_changes import EmailChange
from gatepost.storage.links import Link, LinkPurpose
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.identifiers import new_id, new_row_id
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import EmailTaken, TokenInvalid
from gatepost.vocabulary.user import User
from gatepost.vocabulary.verification_code import ANYBODY

PAUSE = 24 * 3_600_000
"""Milliseconds that changes rest after an undo."""

ATTEMPTS = 3
"""How often an undo tries to have its address back while others take it at the same time."""

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


async def undo(press: Press) -> bool:
    """Restore the address before a change, and make the account safe.

    Every later change is voided too, all sessions, codes and pending steps end, and for a day
    neither the address can be changed nor the password reset. Where another account has proved
    the address by now, the account's present one is only taken off: then False.

    Refuses: TokenInvalid.
    """
    return await _undone(press, LinkPurpose.UNDO)


async def undo_bind(press: Press) -> None:
    """Take off an address bound in an old session, for who has signed in with the password.

    It is undone as `undo` does it: later changes, sessions, codes and pending steps end too. So
    do the binds of the 72 hours before it: whoever took such an address off and bound another
    has an undo in its mailbox.

    Refuses: TokenInvalid.
    """
    await _undone(press, LinkPurpose.UNDO_BIND)


async def _undone(press: Press, purpose: LinkPurpose) -> bool:
    database = press.context.database
    for _ in range(ATTEMPTS):
        with suppress(EmailTaken):  # another account took it in the same moment, perhaps unproved
            return await database.unit(lambda tx: _undo(tx, press, purpose, restore=True))
    return await database.unit(lambda tx: _undo(tx, press, purpose, restore=False))


async def _undo(tx: Transaction, press: Press, purpose: LinkPurpose, *, restore: bool) -> bool:
    link = await used(tx, press, purpose)
    change, user = await _standing(tx, link)
    old = EmailAddress.stored(change.old_email) if change.old_email and restore else None
    if old is not None and not await _comes_back(tx, press, link, old, user):
        old = None
    verified_at = tx.now if old is not None else None
    await void_pending(tx, user)
    if old is not None:
        await verification_codes.void_of_address(tx, user.user_pool_id, str(old), user.id)
    await users.set_email(tx, user.id, old, verified_at=verified_at)
    await users.pause_changes(tx, user.id, tx.now + PAUSE)
    await sessions.end_all(tx, user.id)
    await email_changes.void_from(tx, await _first_undone(tx, link, change))
    await _tell_of_undo(tx, head(press, link, user), link, user, old)
    await record(tx, press, link, user.id, "updateUserEmail", "undo")
    return old is not None


async def _comes_back(
    tx: Transaction, press: Press, link: Link, old: EmailAddress, user: User
) -> bool:
    """Whether an address may come back, for no other account has proved it.

    Who only said at a sign-up that it is theirs loses it, whatever ways in remain: the link has
    just proved the mailbox. Or else whoever moved an account to another address would sign up
    with the old one, and no undo would bring it back.
    """
    found = await users.find_by_email(tx, link.user_pool_id, old)
    other = await users.lock(tx, found.id) if found and found.id != user.id else None
    if other is None or other.email != str(old):
        return True
    if not other.address_is_unproved:
        return False
    await void_pending(tx, other)
    await users.set_email(tx, other.id, None, verified_at=None)
    await sessions.end_all(tx, other.id)
    await record(tx, press, link, other.id, "unbindEmail", "undo")
    return True


async def _first_undone(tx: Transaction, link: Link, change: EmailChange) -> EmailChange:
    """The change from which on all are undone with the one that a link speaks of."""
    if link.purpose != LinkPurpose.UNDO_BIND:
        return change
    since = change.happened_at - mails.NOTICE_LIFE
    return await email_changes.first_bind(tx, change.user_id, since) or change


async def _tell_of_undo(
    tx: Transaction, letterhead: Letterhead, link: Link, user: User, old: EmailAddress | None
) -> None:
    """Who pressed, at the address that is back or belongs to another; and who lost theirs."""
    if link.purpose == LinkPurpose.UNDO:
        template = "undo_done" if old is not None else "undo_done_taken"
        await mails.notice(tx, letterhead, template, EmailAddress.stored(link.email))
    if user.email is not None and user.email != (old and str(old)):
        removed = EmailAddress.stored(user.email)
        await mails.notice(tx, letterhead, "email_removed", removed)


async def not_me(press: Press) -> None:
    """Take an address off the account that bound it: its owner says it was not them.

    Only while that bind is the last change that stands, and whatever ways in remain to the
    account.

    Refuses: TokenInvalid.
    """

    async def work(tx: Transaction) -> None:
        link = await used(tx, press, LinkPurpose.NOT_ME)
        change, user = await _standing(tx, link)
        latest = await email_changes.latest(tx, user.id)
        if user.email != link.email or latest[0].id != change.id:
            raise TokenInvalid
        await void_pending(tx, user)
        # A probation goes on: an undo may yet bring back the address that it is about.
        await users.unbind_email(tx, user.id)
        await email_changes.void_from(tx, change)
        await record(tx, press, link, user.id, "unbindEmail", "not me")

    await press.context.database.unit(work)


async def not_asked(press: Press) -> None:
    """Stop code mail that strangers ask for to an address, for a day; its codes die.

    Those that its account asked for die too: whoever asks while signed in gets new ones. A
    confirmation with "allow again" goes to the address.

    Refuses: TokenInvalid.
    """

    async def work(tx: Transaction) -> None:
        link = await used(tx, press, LinkPurpose.NOT_ASKED)
        email = EmailAddress.stored(link.email)
        owner = await users.find_by_email(tx, link.user_pool_id, email)
        await mail_stops.put(tx, link.user_pool_id, link.email, tx.now + STOP)
        user_id = owner.id if owner else ANYBODY
        await verification_codes.void_of_address(tx, link.user_pool_id, link.email, user_id)
        await mails.code_mail_stopped(tx, head(press, link, owner), email)
        await record(tx, press, link, user_id or None, "stopCodeMail")

    await press.context.database.unit(work)


async def allow_again(press: Press) -> None:
    """Let code mail to an address through again. Refuses: TokenInvalid."""

    async def work(tx: Transaction) -> None:
        link = await used(tx, press, LinkPurpose.ALLOW_AGAIN)
        await mail_stops.lift(tx, link.user_pool_id, link.email)
        await record(tx, press, link, None, "allowCodeMail")

    await press.context.database.unit(work)


async def used(tx: Transaction, press: Press, purpose: LinkPurpose) -> Link:
    """Use a link up. Refuses: TokenInvalid."""
    link = await links.use(tx, purpose, digest_of(press.token))
    if link is None:
        raise TokenInvalid
    return link


async def _standing(tx: Transaction, link: Link) -> tuple[EmailChange, User]:
    """The change that a link speaks of, if it still stands, and the account, held."""
    seen = await email_changes.find(tx, link.subject)
    user = await users.lock(tx, seen.user_id) if seen else None
    # Another undo may have voided it while this one waited for the account.
    change = await email_changes.find(tx, link.subject)
    if change is None or user is None or change.voided_at is not None:
        raise TokenInvalid
    return change, user


def head(press: Press, link: Link, user: User | None) -> Letterhead:
    """Who a mail after a press comes from: in the language of the account, else of the page."""
    language = Language(user.language) if user and user.language else press.language
    return Letterhead(press.context, link.user_pool_id, link.app_name, language)


async def record(
    tx: Transaction,
    press: Press,
    link: Link,
    user_id: str | None,
    name: str,
    detail: str | None = None,
) -> None:
    """Keep a press in the audit log, in the unit of what it did."""
    event = AuditEvent(
        id=new_row_id(press.context.chance, tx.now),
        event=name,
        succeeded=True,
        user_pool_id=link.user_pool_id,
        app_id=None,
        user_id=user_id,
        session_id=None,
        request_id=press.request_id,
        client_address=press.client_address,
        user_agent=press.user_agent,
        salt=new_id(press.context.chance),
        detail=detail,
    )
    await press.context.record(tx, event)
