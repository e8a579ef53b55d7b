"""What a server does by itself: take up changed keys, seal the audit log, and remove what has
had its time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from gatepost.audit import sealing
from gatepost.audit.sealing import ROWS_OF_A_SEAL, ChainBroken
from gatepost.context import Context
from gatepost.credentials.key_store import REFRESH_SECONDS
from gatepost.log import Log
from gatepost.storage import audit_seals, sweeping
from gatepost.storage.database import Transaction
from gatepost.vocabulary.refusals import Refusal

SWEEP_SECONDS = 60
SEAL_SECONDS = 30
ROWS_AT_ONCE = 200


class Upkeep:
    """The background work of one process, from `start` to `stop`."""

    def __init__(self, context: Context, log: Log, sweep_seconds: float = SWEEP_SECONDS) -> None:
        self._context = context
        self._log = log
        self._sweep_seconds = sweep_seconds
        self._tasks: list[asyncio.Task[None]] = []
        self._told_head: str | None = None

    def start(self) -> None:
        """Begin."""
        self._tasks = [
            asyncio.create_task(self._every(REFRESH_SECONDS, self._context.key_store.refresh)),
            asyncio.create_task(self._every(self._sweep_seconds, self._sweep)),
            asyncio.create_task(self._every(SEAL_SECONDS, self.seal)),
        ]

    async def stop(self) -> None:
        """End at once: everything here can be done again."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except Refusal:
                continue  # the storage is away; it will be tried again
            except ChainBroken as error:
                self._log.write("error", "audit log not sealed", reason=str(error))
            except Exception as error:
                self._log.defect("upkeep", error)

    async def _sweep(self) -> None:
        for table in sweeping.SWEEPS:
            step = partial(sweeping.sweep, table=table, most=ROWS_AT_ONCE)
            removed = ROWS_AT_ONCE
            while removed == ROWS_AT_ONCE:
                removed = await self._context.database.unit(step)

    async def seal(self) -> None:
        """Seal the audit log, erase what is to be erased, remove what is too old."""
        context, keys = self._context, self._context.key_store.audit_keys
        days = context.settings.audit_retention_days

        def adopt(tx: Transaction) -> Awaitable[bool]:
            return sealing.adopt(tx, keys, context.chance, ROWS_AT_ONCE)

        def seal(tx: Transaction) -> Awaitable[bool]:
            return sealing.seal(tx, keys, ROWS_OF_A_SEAL, pause)

        def erase(tx: Transaction) -> Awaitable[bool]:
            return sealing.erase(tx, keys, ROWS_AT_ONCE)

        def retain(tx: Transaction) -> Awaitable[bool]:
            return sealing.retain(tx, keys, days)

        pause = SEAL_SECONDS * 900  # another process may just have done it
        for step in (adopt, seal, erase, *([retain] if days else [])):
            while await context.database.unit(step):
                pause = 0
        await self._tell_head()

    async def _tell_head(self) -> None:
        """Have the last seal in the log too: outside the database nobody can take it back."""
        chain = await audit_seals.chain(self._context.database.reader())
        head = f"{chain.seals}:{chain.last_digest}" if chain and chain.seals else None
        if head not in (None, self._told_head):
            self._log.write("info", "audit log sealed", head=head)
            self._told_head = head
