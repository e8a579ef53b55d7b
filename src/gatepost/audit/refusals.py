"""Refused calls, on their way into the audit log.

A refused unit is rolled back, so what is kept of it is written in a unit of its own: later,
with others, so that an answer waits for nothing and takes the same time whomever it is about.
A crash may lose the refusals of the last moment; they changed nothing.

Refusals of people who are signed in are a row each, up to so many a minute. All others are
counted, by minute and client address: a flood of them is one row that says how many.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from msgspec.structs import replace

from gatepost.audit.digests import digested
from gatepost.log import Log
from gatepost.server_keys import ServerKeys
from gatepost.storage import audit_log
from gatepost.storage.audit_log import AuditEvent
from gatepost.storage.database import Clock, Database, Transaction
from gatepost.vocabulary.client_address import client_network
from gatepost.vocabulary.identifiers import Chance, new_id
from gatepost.vocabulary.refusals import Refusal

MINUTE = 60_000
GATHER_SECONDS = 0.05
ROWS_PER_USER_MINUTE = 20
MOST_ENTRIES = 4096
"""Beyond so many waiting entries of one process no address or user makes a new one."""

ROWS_AT_ONCE = 100
MOST_ROWS_PER_SECOND = 200
"""However many strangers there are: what comes meanwhile is only counted."""

_Key = tuple[str | int | None, ...]


class _Entry:
    """A row that is, or will be, in the log: `times` in all, `written` of them in its row."""

    __slots__ = ("at", "event", "times", "written")

    def __init__(self, event: AuditEvent, at: int) -> None:
        self.event = event
        self.at = at
        self.times = 0
        self.written = 0


class RefusalLog:
    """The refusals of one process, from `start` to `stop`. Memory and writes are bounded."""

    def __init__(
        self,
        database: Database,
        keys: Callable[[], ServerKeys],
        clock: Clock,
        chance: Chance,
        log: Log,
    ) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._chance = chance
        self._log = log
        self._entries: dict[_Key, _Entry] = {}
        self._rows_of: dict[str, int] = {}
        self._minute = 0
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="refusal-log")

    async def stop(self) -> None:
        """Write what is left, then end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        with suppress(Refusal):  # the storage is away
            await self.flush()

    def note(self, event: AuditEvent) -> None:
        """Take note of a refusal; it is written soon. A session's id means it was alive."""
        now = self._clock()
        if now // MINUTE != self._minute:
            self._begin_minute(now // MINUTE)
        key = self._key(event)
        if key not in self._entries and len(self._entries) >= MOST_ENTRIES:
            event = replace(
                event, client_address=None, user_agent=None, user_id=None, session_id=None
            )
            key = self._counted(event)
        self._entries.setdefault(key, _Entry(event, now)).times += 1
        self._wake.set()

    async def flush(self, user_id: str | None = None) -> int:
        """Write what was noted so far, or only what is about one user; says how many rows.

        Refuses: Overloaded, and then nothing is lost.
        """
        async with self._writing:
            due = [
                entry
                for entry in self._entries.values()
                if entry.times > entry.written and user_id in (None, entry.event.user_id)
            ]
            for first in range(0, len(due), ROWS_AT_ONCE):
                some = due[first : first + ROWS_AT_ONCE]
                await self._write([(entry, entry.times) for entry in some])
                for entry in some:
                    self._entries.pop((entry.event.id,), None)
            return len(due)

    def _begin_minute(self, minute: int) -> None:
        self._minute = minute
        self._rows_of.clear()
        waiting = self._entries.items()
        self._entries = {key: entry for key, entry in waiting if entry.times > entry.written}

    def _key(self, event: AuditEvent) -> _Key:
        user_id = event.user_id
        if event.session_id is not None and user_id is not None:
            rows = self._rows_of[user_id] = self._rows_of.get(user_id, 0) + 1
            if rows <= ROWS_PER_USER_MINUTE:
                return (event.id,)
        return self._counted(event)

    def _counted(self, event: AuditEvent) -> _Key:
        """What refusals count together by."""
        network = client_network(event.client_address) if event.client_address else None
        what = (event.event, event.refusal, event.detail)
        return (self._minute, *what, event.user_pool_id, event.app_id, network, event.user_id)

    async def _write(self, due: list[tuple[_Entry, int]]) -> None:
        keys = self._keys()

        async def work(tx: Transaction) -> list[bool]:
            return [
                await audit_log.add_or_raise(
                    tx, digested(keys, replace(entry.event, times=times), entry.at)
                )
                for entry, times in due
            ]

        kept = await self._database.unit(work)
        for (entry, times), was_kept in zip(due, kept, strict=True):
            if was_kept:
                entry.written = times
            else:
                self._begin_row(entry)

    def _begin_row(self, entry: _Entry) -> None:
        """What was written of an entry is sealed: the rest of its minute is another row."""
        entry.event = replace(entry.event, id=new_id(self._chance), salt=new_id(self._chance))
        entry.at = self._clock()
        entry.times -= entry.written
        entry.written = 0
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._wake.clear()
            try:
                written = await self.flush()
                await asyncio.sleep(written / MOST_ROWS_PER_SECOND)
            except Refusal:
                self._wake.set()  # the storage is away; it will be tried again
                await asyncio.sleep(1)
            except Exception as error:
                self._log.defect("refusal log", error)
                await asyncio.sleep(1)
