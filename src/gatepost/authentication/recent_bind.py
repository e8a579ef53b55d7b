"""What somebody who signs in with the password is told of an address bound without it."""

from __future__ import annotations

from gatepost.authentication import mails
from gatepost.authentication.mails import NOTICE_LIFE, Letterhead
from gatepost.context import Call
from gatepost.storage import email_changes
from gatepost.storage.database import Transaction
from gatepost.storage.links import LinkPurpose
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.fields import Answer, iso
from gatepost.vocabulary.user import User


class RecentEmailBind(Answer):
    """An address that was bound in an old session, and a page that undoes it without a code."""

    email: str
    bound_at: str
    undo_url: str


async def recent_bind(tx: Transaction, call: Call, user: User) -> RecentEmailBind | None:
    """The bind of the last 72 hours that was on probation, if it stands.

    Whoever bound it may have held nothing but a stolen token; who knows the password may take
    it off again, however often it was changed since. An address that was taken off again counts
    too: the undo in the notice of that lies in the mailbox of whoever bound it.
    """
    if not user.email_probation_until:
        return None
    bind = await email_changes.latest_bind(tx, user.id)
    if bind is None or bind.new_email is None or bind.happened_at + NOTICE_LIFE <= tx.now:
        return None
    url = await mails.new_link(
        tx,
        Letterhead(call.context, call.pool.id, call.app.name, call.speaks()),
        LinkPurpose.UNDO_BIND,
        bind.id,
        EmailAddress.stored(bind.new_email),
        bind.happened_at + NOTICE_LIFE,
    )
    return RecentEmailBind(email=bind.new_email, bound_at=iso(bind.happened_at), undo_url=url)
