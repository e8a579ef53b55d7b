"""The floors: what an operation would cost if there were nothing but its statements.

The traced statements run again, this time for good: on SQLite in commits of as many operations
as callers are served at once, on PostgreSQL over as many connections as the server has.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from typing import Any

import asyncpg
import uvloop
from argon2 import PasswordHasher
from msgspec import Struct

from bench.load.job import Flow
from bench.measure.accounting import cost
from bench.measure.tracing import Stage, Trace, Tracing, Unit
from bench.world.foundation import PASSWORD, Foundation
from gatepost.settings import Settings

CONNECTIONS = 10
"""As many as a server's pool has."""

RUNS_TO_A_KEPT_PLAN = 6
"""PostgreSQL plans a prepared statement anew five times before it may keep a plan."""


class Floor(Struct, frozen=True, kw_only=True):
    """The bare statements of an operation; costs in microseconds."""

    operation: str
    concurrency: int
    statements: int
    commits: int
    rate: float
    cpu: float
    database_cpu: float


def traced(foundation: Foundation, settings: Settings, flows: list[Flow]) -> list[Trace]:
    """The statements of each flow; the database stays as it is."""
    return uvloop.run(_traced(foundation, settings, flows))


async def _traced(foundation: Foundation, settings: Settings, flows: list[Flow]) -> list[Trace]:
    if settings.on_sqlite:
        with closing(_sqlite(settings)) as sqlite:
            async with Stage(foundation, settings, Tracing(sqlite)) as stage:
                return [await stage.trace(flow) for flow in flows]
    connection = await asyncpg.connect(settings.database)
    try:
        async with Stage(foundation, settings, Tracing(connection)) as stage:
            return [await stage.trace(flow) for flow in flows]
    finally:
        await connection.close()


def replayed(
    operation: str,
    concurrency: int,
    traces: list[Trace],
    settings: Settings,
    database_pid: int | None,
) -> Floor:
    """Run traces for good, and see what that costs.

    Connections are open and statements prepared before, as they are in a server that has run
    for a while: else a few traces would carry what is paid once.
    """
    if settings.on_sqlite:
        spent = _replay_on_sqlite(settings, traces, concurrency)
    else:
        work = _replay_on_postgresql(settings, traces, concurrency, database_pid)
        spent = uvloop.run(work)
    return Floor(
        operation=operation,
        concurrency=concurrency,
        statements=sum(len(unit.statements) for unit in traces[0]),
        commits=sum(not unit.stands_alone for unit in traces[0]),
        rate=len(traces) / spent.seconds,
        cpu=spent.cpu / len(traces) * 1e6,
        database_cpu=spent.database_cpu / len(traces) * 1e6,
    )


@dataclass(frozen=True)
class _Clocks:
    """Seconds on the wall, of this process's CPU, and of the database's."""

    seconds: float
    cpu: float
    database_cpu: float

    @classmethod
    def read(cls, database_pid: int | None = None) -> _Clocks:
        database = cost(database_pid).seconds if database_pid else 0.0
        return cls(time.perf_counter(), time.process_time(), database)

    def until(self, later: _Clocks) -> _Clocks:
        """What has gone by."""
        return _Clocks(
            later.seconds - self.seconds,
            later.cpu - self.cpu,
            later.database_cpu - self.database_cpu,
        )


def _shapes(traces: list[Trace]) -> list[Trace]:
    """Traces that together have every statement: people differ, and so may what is asked."""
    by_texts = {
        tuple(text for unit in trace for text, _ in unit.statements): trace for trace in traces
    }
    return list(by_texts.values())


def _sqlite(settings: Settings) -> sqlite3.Connection:
    path = settings.database.removeprefix("sqlite:///")
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _replay_on_sqlite(settings: Settings, traces: list[Trace], together: int) -> _Clocks:
    with closing(_sqlite(settings)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for trace in _shapes(traces):
            _run_on_sqlite(connection, trace)
        connection.execute("ROLLBACK")
        before = _Clocks.read()
        for start in range(0, len(traces), together):
            for units in zip(*traces[start : start + together], strict=True):
                if not units[0].stands_alone:
                    connection.execute("BEGIN IMMEDIATE")
                _run_on_sqlite(connection, units)
                if not units[0].stands_alone:
                    connection.execute("COMMIT")
        return before.until(_Clocks.read())


def _run_on_sqlite(connection: sqlite3.Connection, units: Iterable[Unit]) -> None:
    for unit in units:
        for text, values in unit.statements:
            connection.execute(text, values).fetchall()


async def _replay_on_postgresql(
    settings: Settings, traces: list[Trace], callers: int, database_pid: int | None
) -> _Clocks:
    number = min(callers, CONNECTIONS)
    pool = asyncpg.create_pool(settings.database, min_size=number, max_size=number)
    async with pool, AsyncExitStack() as held:
        connections = [await held.enter_async_context(pool.acquire()) for _ in range(number)]
        for connection in connections:
            await _warm(connection, _shapes(traces))
        before, waiting = _Clocks.read(database_pid), iter(traces)
        await asyncio.gather(*(_replay(connection, waiting) for connection in connections))
        # Here, because a process of PostgreSQL takes its figures along when it ends.
        return before.until(_Clocks.read(database_pid))


async def _warm(connection: Any, traces: list[Trace]) -> None:
    """Have every statement prepared, and its plan kept; nothing of it stays."""
    for trace in traces * RUNS_TO_A_KEPT_PLAN:
        await connection.execute("BEGIN")
        await _run(connection, trace)
        await connection.execute("ROLLBACK")


async def _replay(connection: Any, waiting: Iterator[Trace]) -> None:
    for trace in waiting:
        for unit in trace:
            if not unit.stands_alone:
                await connection.execute("BEGIN")
            await _run(connection, [unit])
            if not unit.stands_alone:
                await connection.execute("COMMIT")


async def _run(connection: Any, units: Iterable[Unit]) -> None:
    for unit in units:
        for text, values in unit.statements:
            await connection.fetch(text, *values)


def argon2_rate(password_hash: str, seconds: float) -> float:
    """Checks of a password a second, with nothing else to do, on all cores."""
    hasher, cores = PasswordHasher(), os.cpu_count() or 1
    until = time.perf_counter() + seconds

    def check(_: int) -> int:
        done = 0
        while time.perf_counter() < until:
            hasher.verify(password_hash, PASSWORD)
            done += 1
        return done

    began = time.perf_counter()
    with ThreadPoolExecutor(cores) as pool:
        total = sum(pool.map(check, range(cores)))
    return total / (time.perf_counter() - began)
