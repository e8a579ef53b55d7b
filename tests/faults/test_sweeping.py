"""Sweeps go in steps so small that nobody waits: what a step holds, it holds for under 50 ms."""

from __future__ import annotations

import time

import pytest

from gatepost.storage import sweeping
from gatepost.storage.database import Database
from gatepost.upkeep import ROWS_AT_ONCE
from tests.faults.old_rows import ROWS, filling
from tests.support.world import World

MOST_SECONDS = 0.05
OLD_ROWS = 20_000
NEIGHBOURS = 3
TRIES = 3

pytestmark = pytest.mark.alone


async def steps(database: Database, table: str) -> list[float]:
    """Seconds of each step of a sweep: what it locks is free after its commit."""
    took: list[float] = []
    removed = ROWS_AT_ONCE
    while removed == ROWS_AT_ONCE:
        began = time.perf_counter()
        removed = await database.unit(lambda tx: sweeping.sweep(tx, table, ROWS_AT_ONCE))
        took.append(time.perf_counter() - began)
    return took


async def longest_step(database: Database, table: str) -> float:
    """Seconds of the longest step, of those that are long whenever they come.

    The machine may stand still for longer by itself, but not at the same place of every sweep
    and at its neighbours, which find the table in nearly the same state.
    """
    fill, longest, shortest = filling(table, OLD_ROWS), 0.0, []
    for _ in range(TRIES):
        assert await database.unit(lambda tx: tx.run(fill)) == OLD_ROWS
        took = await steps(database, table)
        assert len(took) > OLD_ROWS / ROWS_AT_ONCE
        runs = zip(*(took[first:] for first in range(NEIGHBOURS)), strict=False)
        lows = [min(run) for run in runs]
        shortest = [min(pair) for pair in zip(shortest or lows, lows, strict=True)]
        longest = max(shortest)
        if longest < MOST_SECONDS:
            break
    return longest


async def test_no_step_holds_a_lock_for_long(world: World) -> None:
    await world.person()  # whose sessions and tokens some of the rows are
    for table in ROWS:
        longest = await longest_step(world.database, table)
        print(f"{table}: {longest * 1000:.1f} ms")
        assert longest < MOST_SECONDS, table
