"""Sweeps go in steps so small that nobody waits: what a step holds, it holds for under 50 ms."""

from __future__ import annotations

import time

import pytest

from gatepost.app import open_database, system_clock
from gatepost.settings import Settings
from gatepost.storage import sweeping
from gatepost.storage.database import Database, Transaction
from gatepost.storage.statement import Statement
from gatepost.upkeep import ROWS_AT_ONCE

MOST_SECONDS = 0.05
ROWS = 20_000
FILLS = {
    "rate_limits": "1, 1, 1",
    "verification_tries": "'', 1, 1",
    "outbox": "'', '', 'email_bound', 'en-US', '', NULL, 1, 1, 1, 1, 0, NULL, 'sent', 1, ''",
}
TRIES = 3

pytestmark = pytest.mark.alone


async def fill(database: Database, table: str) -> None:
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})"
    rows = f"{numbers} SELECT 'old ' || CAST(i AS text), {FILLS[table]} FROM n"
    text = f"INSERT INTO {table} {rows}"
    assert await database.unit(lambda tx: tx.run(Statement(text, text, ()))) == ROWS


async def steps(database: Database, table: str) -> list[float]:
    """Seconds of each step of a sweep, up to its commit."""
    took: list[float] = []

    async def step(tx: Transaction) -> int:
        began = time.perf_counter()
        removed = await sweeping.sweep(tx, table, ROWS_AT_ONCE)
        took.append(time.perf_counter() - began)
        return removed

    while await database.unit(step) == ROWS_AT_ONCE:
        pass
    return took


async def test_no_step_holds_a_lock_for_long(settings: Settings) -> None:
    database = await open_database(settings, system_clock)
    for table in FILLS:
        sweeps = []
        for _ in range(TRIES):
            await fill(database, table)
            sweeps.append(await steps(database, table))
        # The machine may stand still for longer than that by itself, but not at the same step
        # of every sweep.
        longest = max(min(same) for same in zip(*sweeps, strict=False))
        print(f"{table}: {longest * 1000:.1f} ms")
        assert longest < MOST_SECONDS, table
    await database.close()
