"""The development mailbox as a way out for mails: they are kept instead of sent."""

from __future__ import annotations

from gatepost.mail.message import Message
from gatepost.mail.transport import Deferred, Delivered, Delivery
from gatepost.storage import dev_mailbox
from gatepost.storage.database import Database
from gatepost.storage.dev_mailbox import KeptMail
from gatepost.vocabulary.refusals import Overloaded


class MailboxTransport:
    """Keeps every mail in the database, where the mailbox's page and command show it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def send(self, message: Message) -> Delivery:
        """Keep a mail."""
        kept = as_kept(message)
        try:
            await self._database.unit(lambda tx: dev_mailbox.add(tx, kept))
        except Overloaded:
            return Deferred("the storage is away")
        return Delivered()

    async def close(self) -> None:
        """Nothing is held."""


def as_kept(message: Message) -> KeptMail:
    """A mail as the mailbox keeps it."""
    return KeptMail(
        id=message.message_id,
        sent_at=message.sent_at,
        recipient=message.recipient,
        template=message.template,
        subject=message.subject,
        code=message.code,
        text_body=message.text,
        html_body=message.html,
    )
