"""The mails that steps cause: each a name, a recipient and a few variables.

A mail is a row of the same unit of work as what caused it. Nothing that a user typed goes in.
"""

from __future__ import annotations

import msgspec

from gatepost.context import Context
from gatepost.credentials.codes import IssuedCode
from gatepost.storage import outbox
from gatepost.storage.database import Transaction
from gatepost.storage.outbox import MAIL_SEAL, QueuedMail
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.language import Language

NOTICE_LIFE = 72 * 3_600_000
"""Milliseconds that a mail without a code is worth sending."""


class Letterhead(msgspec.Struct, frozen=True):
    """Who a mail comes from and how it speaks."""

    context: Context
    user_pool_id: str
    app_name: str
    language: Language


async def code_mail(
    tx: Transaction, head: Letterhead, template: str, to: EmailAddress, code: IssuedCode
) -> None:
    """A mail with a code. It is given up when the code in it would be dead."""
    variables = {"verify_code": code.digits, "expires_at": str(code.expires_at)}
    await _put(tx, head, template, to, variables, code.expires_at)


async def email_bound(tx: Transaction, head: Letterhead, to: EmailAddress) -> None:
    """The receipt for a bind, to the address that was bound."""
    variables = {"happened_at": str(tx.now)}
    await _put(tx, head, "email_bound", to, variables, tx.now + NOTICE_LIFE)


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
        id=new_id(context.chance),
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
