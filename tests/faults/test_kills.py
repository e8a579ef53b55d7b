"""A server that is killed under load, again and again, over the same data."""

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
WALKERS = 6
PEOPLE = 4 * WALKERS


def some_chance() -> random.Random:
    """Chance that can be had again."""
    seed = int(os.environ.get("FAULT_SEED") or secrets.randbits(32))
    print(f"to repeat this: FAULT_SEED={seed}")
    return random.Random(seed)  # noqa: S311


async def kills(trial: Trial, count: int) -> None:
    """Have people at work, kill one server or the other, and hold all they were told against
    what there is."""
    chance = some_chance()
    for node in trial.nodes:
        await asyncio.to_thread(node.start)
    await trial.invite(PEOPLE)
    async with trial.watched(), Load(trial, WALKERS) as load:
        for _ in range(count):
            if len(trial.members) < 2 * WALKERS:
                with load.paused():  # or the new ones are used up while they are invited
                    await trial.invite(PEOPLE)
            node = chance.choice(trial.nodes)
            await load.more(chance.randint(1, MOST_STEPS))
            await asyncio.sleep(chance.uniform(0, 0.02))  # anywhere between two answers
            node.alive.kill()
            # What the kill left is the server's to mend: nobody else opens the database before.
            await asyncio.to_thread(node.start)
            await trial.forget_loans()
    for node in trial.nodes:
        await trial.ready(node)
    load.most_arrived(await trial.verdict(busy_is_no=True))
    for node in trial.nodes:
        assert node.alive.stop() == 0


async def test_nothing_that_was_promised_is_lost(on_sqlite: Trial) -> None:
    await kills(on_sqlite, KILLS)
    with sqlite3.connect(on_sqlite.cluster.folder / "gatepost.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_nor_by_one_of_two_over_postgresql(on_postgresql: Trial) -> None:
    await kills(on_postgresql, max(KILLS // 5, 1))
