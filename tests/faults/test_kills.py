"""A server that is killed under load, fifty times, over the same data."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import sqlite3

from tests.faults.load import Load
from tests.faults.trial import Trial

KILLS = int(os.environ.get("FAULT_KILLS") or 50)
MOST_STEPS = 14


async def test_nothing_that_was_promised_is_lost(on_sqlite: Trial) -> None:
    seed = int(os.environ.get("FAULT_SEED") or secrets.randbits(32))
    print(f"to repeat this: FAULT_SEED={seed}")
    chance = random.Random(seed)  # noqa: S311
    (node,) = on_sqlite.nodes
    node.start()
    await on_sqlite.invite(KILLS * MOST_STEPS // 5)
    async with on_sqlite.watched(), Load(on_sqlite, walkers=6) as load:
        for _ in range(KILLS):
            await load.more(chance.randint(1, MOST_STEPS))
            await asyncio.sleep(chance.uniform(0, 0.02))  # anywhere between two answers
            node.alive.kill()
            await on_sqlite.forget_loans()
            await asyncio.to_thread(node.start)
    await on_sqlite.ready(node)
    found = await on_sqlite.verdict(busy_is_no=True)
    load.most_arrived(found)
    assert node.alive.stop() == 0
    with sqlite3.connect(on_sqlite.cluster.folder / "gatepost.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
