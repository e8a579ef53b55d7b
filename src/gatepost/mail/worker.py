"""Sends what is in the outbox. Any number of workers may do so at once, in any processes.

A worker borrows due mails for a while, sends them, and notes what became of each. If it dies
in between, the loan runs out and another sends the mail again: twice at worst, never not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gatepost.log import Log
from gatepost.mail.composing import compose
from gatepost.mail.ledger import Ledger, Outcome, Withheld
from gatepost.mail.message import Message, Sender
from gatepost.mail.transport import Deferred, Delivered, Delivery, Refused, Transport
from gatepost.server_keys import SealBroken, ServerKeys
from gatepost.storage import outbox
from gatepost.storage.database import Clock, Database, Transaction
from gatepost.storage.outbox import QueuedMail
from gatepost.vocabulary.identifiers import Chance, new_id
from gatepost.vocabulary.refusals import Refusal

LEASE_SECONDS = 45
SEND_SECONDS = 40
MOST_AT_ONCE = 64
LOOK_EVERY_SECONDS = 1.0
FAREWELL_SECONDS = 1.0


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
        *,
        lease_seconds: int = LEASE_SECONDS,
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
        self._deliveries: set[asyncio.Task[None]] = set()
        self._lease_seconds = lease_seconds
        self._ledger = Ledger(database)
        self.outcomes = {"delivered": 0, "deferred": 0, "refused": 0, "late": 0}

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
        tasks = [*self._deliveries, *([self._task] if self._task else [])]
        if tasks:
            await asyncio.wait(tasks, timeout=FAREWELL_SECONDS)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        await self._ledger.close()
        await self._transport.close()

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                borrowed = await self._borrow()
                self._healthy = True
            except Exception as error:  # a worker that ends would stop all mail
                self._healthy, borrowed = False, 0
                if not isinstance(error, Refusal):
                    self._log.defect("mail worker", error)
            if not borrowed and not self._stopping:
                await self._pause()

    async def _pause(self) -> None:
        """Wait until there is a mail, a free place, or simply time for another look."""
        try:
            async with asyncio.timeout(LOOK_EVERY_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _borrow(self) -> int:
        """Begin to deliver what is due, as far as there are places; says how many mails."""
        places = MOST_AT_ONCE - len(self._deliveries)
        if places <= 0 or not await outbox.any_due(self._database.reader(), self._lease_seconds):
            return 0
        lease = new_id(self._chance)

        async def borrow(tx: Transaction) -> Sequence[QueuedMail]:
            return await outbox.borrow(tx, lease, seconds=self._lease_seconds, most=places)

        mails = await self._database.unit(borrow)
        for mail in mails:
            delivery = asyncio.create_task(self._deliver(mail, lease))
            self._deliveries.add(delivery)
            delivery.add_done_callback(self._delivered)
        return len(mails)

    def _delivered(self, delivery: asyncio.Task[None]) -> None:
        self._deliveries.discard(delivery)
        if len(self._deliveries) == MOST_AT_ONCE - 1:
            self._wake.set()  # all places were taken, and one is free now

    async def _deliver(self, mail: QueuedMail, lease: str) -> None:
        """Send one mail and note what became of it; whatever happens, others are not touched."""
        try:
            delivery: Delivery | Withheld = await self._sent(mail)
        except asyncio.CancelledError:
            delivery = Deferred("the server stopped")
        except Exception as error:
            self._log.defect("mail", error, mailId=mail.id)
            delivery = Deferred("a mistake of ours")
        try:
            await self._ledger.enter(Outcome(mail, lease, delivery))
        except Refusal:
            return  # the storage is away: the loan runs out, and the mail goes out again
        outcome = type(delivery).__name__.lower()
        is_late = not isinstance(delivery, Delivered) and mail.give_up_at <= self._clock()
        counted = "late" if is_late else outcome
        self.outcomes[counted] = self.outcomes.get(counted, 0) + 1
        if isinstance(delivery, Deferred | Refused):
            self._log.write(
                "warning",
                "mail",
                mailId=mail.id,
                outcome=outcome,
                answer=delivery.reason,
                attempts=mail.attempts,
            )

    async def _sent(self, mail: QueuedMail) -> Delivery | Withheld:
        now = self._clock()
        if mail.give_up_at <= now:
            return Refused("too late")
        message = self._composed(mail, now)
        if message is None:
            return Refused("it cannot be written any more: its key or template is gone")
        if message.withheld:
            return Withheld()
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return await self._transport.send(message)
        except TimeoutError:
            return Deferred("the mail server took too long")

    def _composed(self, mail: QueuedMail, now: int) -> Message | None:
        try:
            return compose(mail, self._keys, self._sender, now)
        except (LookupError, SealBroken):  # an unknown key or template
            return None
