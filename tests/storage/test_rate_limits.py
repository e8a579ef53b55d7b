"""Counters with an end."""

from __future__ import annotations

import asyncio

from gatepost.storage import rate_limits
from gatepost.storage.database import Database
from gatepost.storage.rate_limits import Allowance
from tests.support.world import StoppedClock

TWICE = Allowance("twice", 2, 60)
ONCE = Allowance("once", 1, 3600)


async def refused(database: Database, *allowances: Allowance) -> set[str]:
    return await database.unit(lambda tx: rate_limits.count(tx, allowances))


async def seconds_left(database: Database, *names: str) -> int:
    return await rate_limits.seconds_left(database.reader(), names)


async def test_so_many_and_no_more_until_the_window_ends(
    database: Database, stopped: StoppedClock
) -> None:
    assert await refused(database, TWICE) == set()
    stopped.advance(20)
    assert await refused(database, TWICE) == set()
    assert await refused(database, TWICE) == {"twice"}
    assert await seconds_left(database, "twice") == 40
    stopped.advance(39.999)
    assert await refused(database, TWICE) == {"twice"}
    assert await seconds_left(database, "twice") == 1
    stopped.advance(0.001)
    assert await refused(database, TWICE) == set()
    assert await seconds_left(database, "twice") == 60


async def test_several_at_once_say_which_had_no_room_and_are_given_back_by_name(
    database: Database,
) -> None:
    assert await refused(database, TWICE, ONCE) == set()
    assert await refused(database, TWICE, ONCE) == {"once"}
    assert await seconds_left(database, "twice", "once") == 3600
    assert await refused(database, TWICE) == {"twice"}
    await database.unit(lambda tx: rate_limits.give_back(tx, ["twice", "once", "never counted"]))
    assert await refused(database, TWICE, ONCE) == set()
    for _ in range(3):  # what was given back too often opens nothing
        await database.unit(lambda tx: rate_limits.give_back(tx, ["once"]))
    assert await refused(database, ONCE) == set()
    assert await refused(database, ONCE) == {"once"}


async def test_a_limit_that_an_administrator_changes_counts_at_once(database: Database) -> None:
    await refused(database, TWICE)
    assert await refused(database, Allowance("twice", 1, 60)) == {"twice"}
    assert await refused(database, Allowance("twice", 3, 60)) == set()


async def test_many_at_the_same_time_are_counted_one_by_one(database: Database) -> None:
    seven = Allowance("seven", 7, 60)
    answers = await asyncio.gather(*(refused(database, seven, TWICE) for _ in range(30)))
    assert sum("seven" not in answer for answer in answers) == 7
    assert sum("twice" not in answer for answer in answers) == 2


async def test_a_clock_that_steps_back_locks_nobody_out(
    database: Database, stopped: StoppedClock
) -> None:
    await refused(database, ONCE)
    stopped.advance(-86_400)
    assert await refused(database, ONCE) == set()
    assert await refused(database, ONCE) == {"once"}
    assert await seconds_left(database, "once") == 3600
    stopped.advance(3600)
    assert await refused(database, ONCE) == set()


async def test_nothing_was_counted_is_over_in_a_second(database: Database) -> None:
    assert await seconds_left(database, "never counted") == 1


async def test_a_node_whose_clock_is_behind_counts_on(
    database: Database, stopped: StoppedClock
) -> None:
    for _ in range(2):
        assert await refused(database, TWICE) == set()
    stopped.advance(-59)  # as a unit that began before another and counts after it, too
    assert await refused(database, TWICE) == {"twice"}
    stopped.advance(-2)  # that much no clock is behind: the one before was wrong
    assert await refused(database, TWICE) == set()
