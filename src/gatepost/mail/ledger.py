"""What became of mails, noted in the outbox: those that ended in the same moment together."""

from __future__ import annotations

import asyncio

from msgspec import Struct

from gatepost.mail.transport import Deferred, Delivered, Delivery, Refused
from gatepost.storage import outbox
from gatepost.storage.database import Database, Transaction
from gatepost.storage.outbox import QueuedMail, State

PAUSES = (2, 5, 15, 60, 300, 900, outbox.LONGEST_PAUSE_SECONDS)
"""Seconds after each failed attempt; the last goes on."""


class Withheld:
    """A mail that was written for nobody, so that nothing shows that there is nobody."""


class Outcome(Struct, frozen=True):
    """What became of a mail under a loan."""

    mail: QueuedMail
    lease: str
    delivery: Delivery | Withheld


class Ledger:
    """Notes outcomes. While one unit is under way the next ones gather, and then share one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Outcome, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def enter(self, outcome: Outcome) -> None:
        """Note what became of a mail. Raises Overloaded where the storage is away."""
        noted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((outcome, noted))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._note_all())
        await noted

    async def close(self) -> None:
        """Wait until all that was entered is noted: a mail would else go out once more."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _note_all(self) -> None:
        while self._waiting:
            page, self._waiting = self._waiting, []
            # In one order everywhere, so that two workers never wait for each other in a circle.
            outcomes = sorted((outcome for outcome, _ in page), key=lambda each: each.mail.id)
            failure = await self._noted(outcomes)
            for _, noted in page:
                if noted.done():  # who asked was cancelled
                    continue
                if failure is None:
                    noted.set_result(None)
                else:
                    noted.set_exception(failure)

    async def _noted(self, outcomes: list[Outcome]) -> Exception | None:
        async def work(tx: Transaction) -> None:
            for outcome in outcomes:
                await _note(tx, outcome)

        try:
            await self._database.unit(work)
        except Exception as error:  # it is for those who entered them
            return error
        return None


async def _note(tx: Transaction, outcome: Outcome) -> None:
    mail = outcome.mail
    late = mail.give_up_at <= tx.now
    match outcome.delivery:
        case Delivered():
            await outbox.end(tx, mail.id, State.SENT, "")
        case Withheld():
            await outbox.end(tx, mail.id, State.WITHHELD, "there is nobody to send it to")
        case Refused(reason):
            await outbox.end(tx, mail.id, State.LATE if late else State.REFUSED, reason)
        case Deferred(reason) if late:
            await outbox.end(tx, mail.id, State.LATE, reason)
        case Deferred(reason):
            due_at = tx.now + _pause_after(mail, tx.now)
            await outbox.postpone(tx, mail.id, outcome.lease, due_at, reason)


def _pause_after(mail: QueuedMail, now: int) -> int:
    """Milliseconds until the next attempt: growing, but never past half of what is left."""
    pause = PAUSES[min(mail.attempts, len(PAUSES)) - 1] * 1000
    return min(pause, max((mail.give_up_at - now) // 2, PAUSES[0] * 1000))
