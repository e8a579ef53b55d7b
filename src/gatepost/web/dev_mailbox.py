"""`/dev/mailbox`: the mails that were kept instead of sent. On this machine only."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gatepost.api.http import Reply, Request
from gatepost.context import Context
from gatepost.mail.kept import address_sought, shown
from gatepost.mail.wording import moment
from gatepost.storage import dev_mailbox
from gatepost.storage.dev_mailbox import KeptMail
from gatepost.vocabulary.fields import Query, iso
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import PathUnknown
from gatepost.web.look import Look
from gatepost.web.loopback import only_on_loopback
from gatepost.web.pages import page
from gatepost.web.speaking import wished

FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
)


class MailboxQuery(Query):
    """Whose mails: everybody's, or those to one address."""

    to: str = ""


class MailQuery(Query):
    """Which mail."""

    id: str


async def list_mails(context: Context, request: Request, query: MailboxQuery) -> Reply:
    """The list of mails, the newest first, each with its code to copy."""
    mails = await _mails(context, request, query)
    look = Look(wished(context.settings, request) or Language.EN_US)
    return page("dev_mailbox.html", look, mails=mails, to=query.to, iso=iso, moment=moment)


async def list_mails_json(context: Context, request: Request, query: MailboxQuery) -> Reply:
    """The same list for programs."""
    mails = await _mails(context, request, query)
    return Reply(msgspec.json.encode([shown(mail) for mail in mails]))


async def mail_html(context: Context, request: Request, query: MailQuery) -> Reply:
    """The HTML of one mail, for a frame in which nothing runs and nothing loads."""
    _open_to(context, request)
    mail = await dev_mailbox.find(context.database.reader(), query.id)
    if mail is None:
        raise PathUnknown
    return Reply(
        mail.html_body.encode(),
        content_type="text/html; charset=utf-8",
        headers=(("content-security-policy", FRAME_POLICY),),
    )


async def _mails(context: Context, request: Request, query: MailboxQuery) -> Sequence[KeptMail]:
    _open_to(context, request)
    return await dev_mailbox.newest(context.database.reader(), address_sought(query.to))


def _open_to(context: Context, request: Request) -> None:
    if not context.settings.dev_mailbox:
        raise PathUnknown
    only_on_loopback(context.settings, request)
