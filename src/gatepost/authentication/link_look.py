"""What the page behind a link shows before its button is pressed. Looking changes nothing."""

from __future__ import annotations

from msgspec import Struct

from gatepost.context import Context
from gatepost.credentials.secrets import digest_of
from gatepost.storage import email_changes, links, users
from gatepost.storage.database import Reader
from gatepost.storage.links import Link, LinkPurpose
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.refusals import TokenInvalid
from gatepost.vocabulary.user import User


class LinkLook(Struct, frozen=True):
    """A link that could be used now, and what it would do.

    `present_email` is what the account has now, masked, where that is not the mail's own
    address. `later_changes` and `taken` say of an undo that it voids more than one change,
    and that another account has proved the address. `takes_password` is of verifying.
    """

    link: Link
    happened_at: int | None = None
    present_email: str | None = None
    later_changes: bool = False
    taken: bool = False
    takes_password: bool = False


async def look(context: Context, purpose: LinkPurpose, token: str) -> LinkLook:
    """A link as a page shows it.

    Refuses: TokenInvalid where it is unknown, used or late, or what it speaks of is over.
    """
    reader = context.database.reader()
    link = await links.find_open(reader, purpose, digest_of(token))
    if link is None:
        raise TokenInvalid
    if purpose in (LinkPurpose.UNDO, LinkPurpose.UNDO_BIND, LinkPurpose.NOT_ME):
        return await _of_change(reader, link)
    if purpose is LinkPurpose.VERIFY:
        user = await owner(reader, link)
        return LinkLook(link, takes_password=user.address_is_unproved)
    return LinkLook(link)


async def owner(reader: Reader, link: Link) -> User:
    """The account that a link to verify is for, while it has that address.

    Refuses: TokenInvalid.
    """
    user = await users.find(reader, link.subject)
    if user is None or user.email != link.email:
        raise TokenInvalid
    return user


async def _of_change(reader: Reader, link: Link) -> LinkLook:
    change = await email_changes.find(reader, link.subject)
    user = await users.find(reader, change.user_id) if change else None
    if change is None or user is None or change.voided_at is not None:
        raise TokenInvalid
    latest = await email_changes.latest(reader, user.id)
    last = bool(latest) and latest[0].id == change.id
    if link.purpose == LinkPurpose.NOT_ME and not (last and user.email == link.email):
        raise TokenInvalid
    other = await users.find_by_email(reader, link.user_pool_id, EmailAddress.stored(link.email))
    present = user.email if user.email != link.email else None
    return LinkLook(
        link,
        happened_at=change.happened_at,
        present_email=EmailAddress.stored(present).masked if present else None,
        later_changes=not last,
        taken=other is not None and other.id != user.id and not other.address_is_unproved,
    )
