"""Wrong passwords: ten are free, then each costs more waiting."""

from __future__ import annotations

from gatepost.storage import password_attempts
from gatepost.storage.database import Database
from tests.support.world import StoppedClock

ANN = "pool client 192.0.2.1 ann"


async def attempt(database: Database, name: str = ANN) -> bool:
    return await password_attempts.count(database, name, allowed=10, window_seconds=300)


async def seconds_left(database: Database) -> int:
    return await password_attempts.seconds_left(database.reader(), ANN)


async def ten_attempts(database: Database) -> None:
    for _ in range(10):
        assert await attempt(database)


async def test_after_ten_the_delay_doubles_up_to_a_quarter_of_an_hour(
    database: Database, stopped: StoppedClock
) -> None:
    await ten_attempts(database)
    for delay in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1024, 1024):
        assert not await attempt(database)
        assert await seconds_left(database) == delay
        stopped.advance(delay - 0.001)
        assert not await attempt(database)
        stopped.advance(0.001)
        assert await attempt(database)


async def test_where_one_is_free_the_second_waits(
    database: Database, stopped: StoppedClock
) -> None:
    async def attempt() -> bool:
        return await password_attempts.count(database, ANN, allowed=1, window_seconds=300)

    for delay in (1, 2, 4, 8 + 3600):
        assert await attempt()
        assert not await attempt()
        stopped.advance(delay)
    assert await attempt()
    assert await seconds_left(database) == 1


async def test_what_is_refused_costs_nothing_more(
    database: Database, stopped: StoppedClock
) -> None:
    await ten_attempts(database)
    for _ in range(50):
        assert not await attempt(database)
    stopped.advance(1)
    assert await attempt(database)
    assert await seconds_left(database) == 2


async def test_ten_are_free_again_after_five_minutes_unless_all_were_used(
    database: Database, stopped: StoppedClock
) -> None:
    for _ in range(9):
        assert await attempt(database)
    stopped.advance(300)
    await ten_attempts(database)
    stopped.advance(300)
    assert await attempt(database)
    assert not await attempt(database)
    stopped.advance(3 + 3600)
    await ten_attempts(database)


async def test_of_two_at_once_the_one_whose_clock_is_behind_is_not_refused(
    database: Database, stopped: StoppedClock
) -> None:
    assert await attempt(database)
    stopped.advance(-0.005)
    for _ in range(9):
        assert await attempt(database)
    assert not await attempt(database)


async def test_a_right_password_and_another_name_start_anew(database: Database) -> None:
    await ten_attempts(database)
    assert await attempt(database, "pool client 192.0.2.2 ann")
    assert await attempt(database, "pool client 192.0.2.1 bob")
    await database.unit(lambda tx: password_attempts.forget(tx, ANN))
    await ten_attempts(database)


async def test_a_clock_that_steps_back_locks_nobody_out(
    database: Database, stopped: StoppedClock
) -> None:
    await ten_attempts(database)
    stopped.advance(-86_400)
    assert await attempt(database)
    assert await seconds_left(database) == 2
    stopped.advance(2)
    assert await attempt(database)
