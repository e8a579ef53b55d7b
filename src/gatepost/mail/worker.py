"""Sends what is in the outbox. Any number of workers may do so at once, in any processes.

A worker borrows due mails for a while, sends them, and notes what became of each. If it dies
in between, the loan runs out and another sends the mail again: twice at worst, never not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gatepost.log import Log
from gatepost.mail.composing import compose
from gatepost.mail.message import Message, Sender
from gatepost.mail.transport import Deferred, Delivered, Delivery, Refused, Transport
from gatepost.server_keys import SealBroken, ServerKeys, UnknownServerKey
from gatepost.storage import outbox
from gatepost.storage.database import Clock, Database, Transaction
from gatepost.storage.outbox import QueuedMail, State
from gatepost.vocabulary.identifiers import Chance, new_id
from gatepost.vocabulary.refusals import Refusal

LEASE_SECONDS = 45
SEND_SECONDS = 40
MOST_AT_ONCE = 64
LOOK_EVERY_SECONDS = 1.0
FAREWELL_SECONDS = 1.0

PAUSES = (2, 5, 15, 60, 300, 900, 3600)
"""Seconds after each failed attempt; the last goes on."""


class MailWorker:
    """One worker of one process, from `start` to `stop`."""

    def __init__(
        self,
        database: Database,
        keys: ServerKeys,
        clock: Clock,
        chance: Chance,
        transport: Transport,
        sender: Sender,
        log: Log,
    ) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._chance = chance
        self._transport = transport
        self._sender = sender
        self._log = log
        self._wake = asyncio.Event()
        self._stopping = False
        self._healthy = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send."""
        self._healthy = True
        self._task = asyncio.create_task(self._run(), name="mail-worker")

    def wake(self) -> None:
        """There is a mail: do not wait for the next look."""
        self._wake.set()

    def is_working(self) -> bool:
        """Whether mails are being looked for and the last look went well."""
        return self._healthy and self._task is not None and not self._task.done()

    async def stop(self) -> None:
        """Let what is under way end, but not for long; give back what was not sent."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=FAREWELL_SECONDS)
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._transport.close()

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                sent = await self._round()
                self._healthy = True
            except Exception as error:  # a worker that ends would stop all mail
                self._healthy, sent = False, 0
                if not isinstance(error, Refusal):
                    self._log.defect("mail worker", error)
            if sent < MOST_AT_ONCE and not self._stopping:
                await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(LOOK_EVERY_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _round(self) -> int:
        """Send what is due, up to a batch; says how many mails there were."""
        due = await outbox.next_due(self._database.reader())
        if due is None or due > self._clock():
            return 0
        lease = new_id(self._chance)

        async def borrow(tx: Transaction) -> Sequence[QueuedMail]:
            return await outbox.borrow(tx, lease, seconds=LEASE_SECONDS, most=MOST_AT_ONCE)

        mails = await self._database.unit(borrow)
        async with asyncio.TaskGroup() as group:
            for mail in mails:
                group.create_task(self._deliver(mail, lease))
        return len(mails)

    async def _deliver(self, mail: QueuedMail, lease: str) -> None:
        try:
            delivery = await self._sent(mail)
        except asyncio.CancelledError:
            await self._database.unit(
                lambda tx: outbox.postpone(tx, mail.id, lease, tx.now, "the server stopped")
            )
            raise
        await self._database.unit(lambda tx: self._note(tx, mail, lease, delivery))
        if not isinstance(delivery, Delivered):
            self._log.write(
                "warning",
                "mail",
                mailId=mail.id,
                outcome=type(delivery).__name__.lower(),
                answer=delivery.reason,
                attempts=mail.attempts,
            )

    async def _sent(self, mail: QueuedMail) -> Delivery:
        now = self._clock()
        if mail.give_up_at <= now:
            return Refused("too late")
        message = self._composed(mail, now)
        if message is None:
            return Refused("the server key that it was sealed with is gone")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return await self._transport.send(message)
        except TimeoutError:
            return Deferred("the mail server took too long")

    def _composed(self, mail: QueuedMail, now: int) -> Message | None:
        try:
            return compose(mail, self._keys, self._sender, now)
        except (UnknownServerKey, SealBroken):
            return None

    async def _note(
        self, tx: Transaction, mail: QueuedMail, lease: str, delivery: Delivery
    ) -> None:
        match delivery:
            case Delivered():
                await outbox.end(tx, mail.id, State.SENT, "")
            case Refused(reason):
                late = mail.give_up_at <= tx.now
                state = State.LATE if late else State.REFUSED
                await outbox.end(tx, mail.id, state, reason)
            case Deferred(reason):
                pause = PAUSES[min(mail.attempts, len(PAUSES)) - 1]
                due_at = tx.now + pause * 1000
                if due_at >= mail.give_up_at:
                    await outbox.end(tx, mail.id, State.LATE, reason)
                else:
                    await outbox.postpone(tx, mail.id, lease, due_at, reason)
