"""Where an emulator's mails go: onto the mailbox's page, and to whoever waits for them."""

from __future__ import annotations

import asyncio
from collections import deque

from gatepost.mail.kept import address_sought
from gatepost.mail.mailbox import MailboxTransport
from gatepost.mail.message import Message
from gatepost.mail.transport import Delivered, Delivery
from gatepost.settings import Settings
from gatepost.storage.database import Database

MOST_KEPT = 10_000


class Post:
    """A way out for mails that knows which pool each belongs to."""

    def __init__(self) -> None:
        self._mails: deque[Message] = deque(maxlen=MOST_KEPT)
        self._ids: set[str] = set()
        self._told: set[str] = set()
        self._changed = asyncio.Condition()
        self._page: MailboxTransport

    def transport(self, _settings: Settings, database: Database) -> Post:
        """This, once the database is there whose mails the page shows."""
        self._page = MailboxTransport(database)
        return self

    async def send(self, message: Message) -> Delivery:
        """Keep a mail; one that comes again, as mails may, counts once."""
        delivery = await self._page.send(message)
        if isinstance(delivery, Delivered) and message.message_id not in self._ids:
            async with self._changed:
                self._ids.add(message.message_id)
                self._mails.append(message)
                self._changed.notify_all()
        return delivery

    async def close(self) -> None:
        """Nothing is held."""

    def mails(self, pool_id: str, address: str = "") -> list[Message]:
        """A pool's mails, the newest first, to everybody or to one address."""
        wanted = address_sought(address)
        return [
            mail
            for mail in reversed(self._mails)
            if mail.user_pool_id == pool_id and wanted in ("", mail.recipient)
        ]

    async def next_code(self, pool_id: str, address: str, seconds: float) -> Message | None:
        """The newest mail with a code, if none with it or before it was told yet.

        Waits for one; None if none comes in time.
        """
        try:
            async with asyncio.timeout(seconds), self._changed:
                while (mail := self._untold(pool_id, address)) is None:
                    await self._changed.wait()
                return mail
        except TimeoutError:
            return None

    def _untold(self, pool_id: str, address: str) -> Message | None:
        with_code = [mail for mail in self.mails(pool_id, address) if mail.code is not None]
        if not with_code or with_code[0].message_id in self._told:
            return None
        self._told.update(mail.message_id for mail in with_code)
        return with_code[0]
