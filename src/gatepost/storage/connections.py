"""Connections to PostgreSQL, handed from one turn to the next."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any

import asyncpg

from gatepost.storage.workload import Connections, Workload
from gatepost.vocabulary.refusals import Refusal

ACQUIRE_SECONDS = 2.0

TURNS_TO_CARE = 1_000
"""After so many turns one connection goes back to the pool, which renews what is worn out."""

REST_SECONDS = 60.0
"""One that nobody wanted for so long goes back to the pool, which closes it when it stays idle: on
the way to the database others may have forgotten it."""

LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What the end of a connection looks like."""


class Turns:
    """Connections out of a pool, each for one who asks at a time: first come, first served.

    asyncpg's pool begins a task to hand a connection out and another to take it back, which cost
    more than a short statement. So one that comes back clean goes on to whoever waits, or rests
    here; where anything may be left in it, the pool gets it back.
    """

    def __init__(self, pool: asyncpg.Pool, workload: Workload) -> None:
        self._pool = pool
        self._most = pool.get_max_size()
        self._workload = workload
        self._taken = 0
        self._resting: deque[tuple[Any, float]] = deque()
        self._alarm: asyncio.TimerHandle | None = None
        self._airing: asyncio.Task[None] | None = None
        self._closing = False
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._turns = 0

    def turn(self) -> Turn:
        """One connection, for as long as a block lasts. TimeoutError where none is free in time."""
        return Turn(self)

    async def take(self) -> Any:
        """A connection, which the caller gives back."""
        while self._resting:
            connection, _ = self._resting.pop()
            if not _is_closed(connection):
                return connection
            await self._release(connection)
        self._workload.waiting += 1
        try:
            async with asyncio.timeout(ACQUIRE_SECONDS):
                if self._taken >= self._most:
                    return await self._handed_on()
                self._taken += 1
                return await self._from_pool()
        finally:
            self._workload.waiting -= 1

    async def give_back(self, connection: Any, *, is_clean: bool) -> None:
        """Hand a connection on, or, where something may be left in it, back to the pool."""
        self._turns += 1
        goes_back = self._closing or self._turns % TURNS_TO_CARE == 0 or not is_clean
        if not (goes_back or _is_closed(connection) or connection.is_in_transaction()):
            self._hand_on(connection)
        else:
            await self._release(connection)

    async def close(self) -> None:
        """Give the pool back all that rest; none rests from now on."""
        self._closing = True
        if self._alarm is not None:
            self._alarm.cancel()
        while self._resting:
            connection, _ = self._resting.pop()
            await self._release(connection)
        if self._airing is not None:
            await self._airing

    def now(self) -> Connections:
        """How busy the connections are at this moment."""
        idle = self._pool.get_idle_size() + len(self._resting)
        in_use = self._pool.get_size() - idle
        return Connections(in_use, idle, self._most, self._workload.waiting)

    async def _from_pool(self) -> Any:
        """One that has its place among those taken already."""
        try:
            return await self._pool.acquire()
        except BaseException:
            self._free_place()
            raise

    async def _handed_on(self) -> Any:
        """The next that somebody gives back, or gives up."""
        turn: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            connection = await turn
        except BaseException:  # who waited went away, perhaps just when it was their turn
            if turn.done() and not turn.cancelled():
                self._free_place() if turn.result() is None else self._hand_on(turn.result())
            raise
        return await self._from_pool() if connection is None else connection

    def _hand_on(self, connection: Any) -> None:
        if self._give_turn(connection):
            return
        self._resting.append((connection, asyncio.get_running_loop().time()))
        if self._alarm is None:
            self._set_alarm()

    def _set_alarm(self) -> None:
        self._alarm = asyncio.get_running_loop().call_later(REST_SECONDS, self._begin_to_air)

    def _begin_to_air(self) -> None:
        self._airing = asyncio.create_task(self._air())

    async def _air(self) -> None:
        """Give the pool back what has rested for too long."""
        longest = asyncio.get_running_loop().time() - REST_SECONDS
        while self._resting and self._resting[0][1] <= longest:
            connection, _ = self._resting.popleft()
            with suppress(*LOST):
                await self._release(connection)
        self._alarm = None
        if self._resting:
            self._set_alarm()

    async def _release(self, connection: Any) -> None:
        try:
            await self._pool.release(connection)
        finally:
            self._free_place()

    def _free_place(self) -> None:
        """The place of one that was taken is free: the first who waits has it."""
        if not self._give_turn(None):
            self._taken -= 1

    def _give_turn(self, connection: Any) -> bool:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False


class Turn:
    """A connection while a block lasts."""

    __slots__ = ("_connection", "_turns")

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def __aenter__(self) -> Any:
        self._connection = await self._turns.take()
        return self._connection

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        is_clean = kind is None or issubclass(kind, Refusal)
        await self._turns.give_back(self._connection, is_clean=is_clean)


def _is_closed(connection: Any) -> bool:
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:  # it ended by itself, and the pool knows already
        return True
