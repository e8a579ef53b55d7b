"""The mails that steps cause: each a name, a recipient and a few variables.

A mail is a row of the same unit of work as what caused it. Nothing that a user typed goes in.
Every link starts with the server's public URL, never with anything a request says.
"""

from __future__ import annotations

import msgspec

from gatepost.context import Context
from gatepost.credentials.codes import IssuedCode
from gatepost.credentials.secrets import digest_of, new_secret_token
from gatepost.storage import links, outbox
from gatepost.storage.database import Transaction
from gatepost.storage.links import LinkPurpose
from gatepost.storage.outbox import MAIL_SEAL, WITHHELD, QueuedMail
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.identifiers import new_row_id
from gatepost.vocabulary.language import Language

NO_ACCOUNT = "no_account_here"
"""What is mailed instead of a code for an account that is not there."""

NOTICE_LIFE = 72 * 3_600_000
"""Milliseconds that a mail without a code is worth sending, and that its link works."""


class Letterhead(msgspec.Struct, frozen=True):
    """Who a mail comes from and how it speaks."""

    context: Context
    user_pool_id: str
    app_name: str
    language: Language


async def code_mail(
    tx: Transaction,
    head: Letterhead,
    template: str,
    to: EmailAddress,
    code: IssuedCode,
    *,
    may_be_refused: bool = False,
    withheld: bool = False,
    window_tag: str = "",
) -> None:
    """A mail with a code. It is given up when the code in it would be dead.

    With `may_be_refused` it has a link to say that nobody here asked for it; one that is
    `withheld` never leaves the server. `window_tag` is what the page that asked shows, so that
    a person knows which mail belongs to which window.
    """
    variables = {"verify_code": code.digits, "expires_at": str(code.expires_at)}
    if template == NO_ACCOUNT:
        variables = {"expires_at": str(code.expires_at)}
    if window_tag:
        variables["window_tag"] = window_tag
    if withheld:
        variables[WITHHELD] = "yes"
    if may_be_refused:
        variables["not_asked_link"] = await new_link(
            tx, head, LinkPurpose.NOT_ASKED, code.id, to, code.expires_at
        )
    await _put(tx, head, template, to, variables, code.expires_at)


async def verify_link(
    tx: Transaction,
    head: Letterhead,
    to: EmailAddress,
    user_id: str,
    expires_at: int,
    *,
    withheld: bool = False,
) -> None:
    """A mail with a link that proves the mailbox; one that is `withheld` never leaves."""
    link = await new_link(tx, head, LinkPurpose.VERIFY, user_id, to, expires_at)
    variables = {"verify_link": link, "expires_at": str(expires_at)}
    if withheld:
        variables[WITHHELD] = "yes"
    await _put(tx, head, "console_conducted_verify", to, variables, expires_at)


async def email_bound(tx: Transaction, head: Letterhead, to: EmailAddress, change_id: str) -> None:
    """The receipt for a bind, to the address that was bound, with "this was not me"."""
    await _notice(tx, head, "email_bound", to, {"not_me_link": (LinkPurpose.NOT_ME, change_id)})


async def email_changed(tx: Transaction, head: Letterhead, to: EmailAddress) -> None:
    """The receipt for a change, to the new address."""
    await _notice(tx, head, "email_changed", to, {})


async def email_changed_from(
    tx: Transaction, head: Letterhead, to: EmailAddress, new: EmailAddress, change_id: str
) -> None:
    """The notice of a change, to the old address, with the undo."""
    links_in_it = {"undo_link": (LinkPurpose.UNDO, change_id)}
    more = {"new_email_masked": new.masked}
    await _notice(tx, head, "email_changed_from", to, links_in_it, more)


async def email_unbound(
    tx: Transaction, head: Letterhead, to: EmailAddress, change_id: str
) -> None:
    """The notice of an unbind, to the address that was taken off, with the undo."""
    await _notice(tx, head, "email_unbound", to, {"undo_link": (LinkPurpose.UNDO, change_id)})


async def notice(tx: Transaction, head: Letterhead, template: str, to: EmailAddress) -> None:
    """A mail that only tells something."""
    await _notice(tx, head, template, to, {})


async def code_mail_stopped(tx: Transaction, head: Letterhead, to: EmailAddress) -> None:
    """The confirmation that no more codes come, with "allow again"."""
    await _notice(tx, head, "code_mail_stopped", to, {"allow_link": (LinkPurpose.ALLOW_AGAIN, "")})


async def _notice(
    tx: Transaction,
    head: Letterhead,
    template: str,
    to: EmailAddress,
    links_in_it: dict[str, tuple[LinkPurpose, str]],
    more: dict[str, str] | None = None,
) -> None:
    expires_at = tx.now + NOTICE_LIFE
    variables = {"happened_at": str(tx.now)} | (more or {})
    for name, (purpose, subject) in links_in_it.items():
        variables[name] = await new_link(tx, head, purpose, subject, to, expires_at)
        variables["expires_at"] = str(expires_at)
    await _put(tx, head, template, to, variables, expires_at)


async def new_link(
    tx: Transaction,
    head: Letterhead,
    purpose: LinkPurpose,
    subject: str,
    to: EmailAddress,
    expires_at: int,
) -> str:
    """A link that does one thing once; `subject` as its purpose has it.

    Its page speaks as the mail does.
    """
    token = new_secret_token(head.context.chance)
    await links.put(
        tx,
        digest_of(token),
        purpose,
        user_pool_id=head.user_pool_id,
        app_name=head.app_name,
        subject=subject,
        email=str(to),
        expires_at=expires_at,
    )
    return f"{head.context.settings.origin}/link/{purpose}?token={token}&lang={head.language}"


async def _put(
    tx: Transaction,
    head: Letterhead,
    template: str,
    to: EmailAddress,
    variables: dict[str, str],
    give_up_at: int,
) -> None:
    context = head.context
    mail = QueuedMail(
        id=new_row_id(context.chance, tx.now),
        user_pool_id=head.user_pool_id,
        app_name=head.app_name,
        template=template,
        language=head.language,
        recipient=str(to),
        variables_sealed=context.keys.seal(MAIL_SEAL, msgspec.json.encode(variables)),
        created_at=tx.now,
        give_up_at=give_up_at,
        attempts=0,
    )
    await outbox.put(tx, mail)
    tx.on_commit(context.mail_is_due)
