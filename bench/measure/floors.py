"""The floors: what an operation would cost if there were nothing but its statements.

The traced statements run again, this time for good: on SQLite in commits of as many operations
as callers are served at once, on PostgreSQL over as many connections as the server has.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import asyncpg
import uvloop
from argon2 import PasswordHasher
from msgspec import Struct

from bench.load.job import Flow
from bench.measure.accounting import cost
from bench.measure.tracing import Stage, Trace, Tracing
from bench.world.foundation import PASSWORD, Foundation
from gatepost.settings import Settings

CONNECTIONS = 10
"""As many as a server's pool has."""


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
    """Run traces for good, and see what that costs."""
    began, cpu = time.perf_counter(), time.process_time()
    database = cost(database_pid) if database_pid else None
    if settings.on_sqlite:
        _replay_on_sqlite(settings, traces, concurrency)
    else:
        uvloop.run(_replay_on_postgresql(settings, traces, concurrency))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    spent = cost(database_pid).since(database) if database_pid and database else 0.0
    return Floor(
        operation=operation,
        concurrency=concurrency,
        statements=sum(len(unit.statements) for unit in traces[0]),
        commits=sum(not unit.is_read for unit in traces[0]),
        rate=len(traces) / seconds,
        cpu=cpu / len(traces) * 1e6,
        database_cpu=spent / len(traces) * 1e6,
    )


def _sqlite(settings: Settings) -> sqlite3.Connection:
    path = settings.database.removeprefix("sqlite:///")
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _replay_on_sqlite(settings: Settings, traces: list[Trace], together: int) -> None:
    with closing(_sqlite(settings)) as connection:
        for start in range(0, len(traces), together):
            for units in zip(*traces[start : start + together], strict=True):
                if not units[0].is_read:
                    connection.execute("BEGIN IMMEDIATE")
                for unit in units:
                    for text, values in unit.statements:
                        connection.execute(text, values).fetchall()
                if not units[0].is_read:
                    connection.execute("COMMIT")


async def _replay_on_postgresql(settings: Settings, traces: list[Trace], callers: int) -> None:
    waiting = iter(traces)
    async with asyncpg.create_pool(settings.database, min_size=1, max_size=CONNECTIONS) as pool:
        await asyncio.gather(*(_replay(pool, waiting) for _ in range(min(callers, CONNECTIONS))))


async def _replay(pool: asyncpg.Pool, waiting: Iterator[Trace]) -> None:
    async with pool.acquire() as connection:
        for trace in waiting:
            for unit in trace:
                if not unit.is_read:
                    await connection.execute("BEGIN")
                for text, values in unit.statements:
                    await connection.fetch(text, *values)
                if not unit.is_read:
                    await connection.execute("COMMIT")


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
