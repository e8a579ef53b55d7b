"""What only PostgreSQL does: conflicts between units, connections that break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import asyncpg
import pytest

from gatepost import deadline
from gatepost.storage.database import Database, Transaction
from gatepost.storage.postgresql import MOST_TRIES, UNIT_SECONDS, PostgresqlDatabase
from gatepost.storage.statement import Statement
from gatepost.vocabulary.refusals import CodeIncorrect, Overloaded
from tests.support.doorway import Doorway
from tests.support.engines import TEMPLATE, create_database, drop_database, name_of
from tests.support.notes import change, kept, note, noting, text_of
from tests.support.world import StoppedClock

_ME = Statement("", "SELECT pg_backend_pid()", ())
_NAP = Statement("", "SELECT pg_sleep(30)", ())
_SERIALIZABLE = Statement("", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", ())


@pytest.fixture
async def url(postgresql: str) -> AsyncIterator[str]:
    """A database of a test's own."""
    url = await create_database(postgresql, TEMPLATE)
    yield url
    await drop_database(postgresql, name_of(url))


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = await PostgresqlDatabase.connect(url, StoppedClock())
    yield database
    await database.close()


async def terminate(url: str, pid: int) -> None:
    """End a connection from outside, as an administrator does."""
    connection = await asyncpg.connect(url)
    await connection.execute("SELECT pg_terminate_backend($1)", pid)
    await connection.close()


async def own_pid(tx: Transaction) -> int:
    row = await tx.one(_ME)
    assert row is not None
    return int(row[0])


class Meeting:
    """A place where the first runs of units wait for each other; later runs pass."""

    def __init__(self, guests: int) -> None:
        self._barrier = asyncio.Barrier(guests)
        self._seen: set[str] = set()
        self.runs = 0

    async def wait(self, guest: str) -> None:
        self.runs += 1
        if guest not in self._seen:
            self._seen.add(guest)
            await self._barrier.wait()


async def test_a_deadlock_is_resolved_by_running_one_of_them_again(database: Database) -> None:
    await database.unit(noting("a", "b"))
    meeting = Meeting(2)
    bells: list[str] = []

    def crossing(name: str, first: str, second: str) -> Coroutine[Any, Any, None]:
        async def work(tx: Transaction) -> None:
            tx.on_commit(lambda: bells.append(name))
            await change(tx, first, name)
            await meeting.wait(name)
            await change(tx, second, name)

        return database.unit(work)

    async with asyncio.timeout(15):
        await asyncio.gather(crossing("Ann", "a", "b"), crossing("Bob", "b", "a"))
    assert meeting.runs >= 3  # more where both were found to wait for each other
    assert sorted(bells) == ["Ann", "Bob"]
    # The one that ran last has both: neither was cut in two.
    reader = database.reader()
    assert await text_of(reader, "a") == await text_of(reader, "b")


async def test_a_serialization_failure_is_run_again(database: Database) -> None:
    await database.unit(lambda tx: note(tx, "sum", "0"))
    meeting = Meeting(2)

    def adding(name: str) -> Coroutine[Any, Any, None]:
        async def work(tx: Transaction) -> None:
            await tx.one(_SERIALIZABLE)
            before = int(await text_of(tx, "sum"))
            await meeting.wait(name)
            await change(tx, "sum", str(before + 1))

        return database.unit(work)

    async with asyncio.timeout(15):
        await asyncio.gather(adding("Ann"), adding("Bob"))
    assert await text_of(database.reader(), "sum") == "2"
    assert meeting.runs >= 3


async def test_a_conflict_without_end_is_an_overload(database: Database) -> None:
    runs: list[int] = []

    async def work(tx: Transaction) -> None:
        runs.append(len(runs))
        await note(tx, "one")
        tx.keep()
        raise asyncpg.SerializationError

    with pytest.raises(Overloaded):
        await database.unit(work)
    assert len(runs) == MOST_TRIES
    assert await kept(database) == []


@pytest.mark.parametrize("keeps", [False, True])
async def test_a_connection_that_is_cut_in_a_unit_is_an_overload(
    database: Database, url: str, keeps: bool
) -> None:
    async def work(tx: Transaction) -> None:
        await note(tx, "one")
        if keeps:
            tx.keep()
        await terminate(url, await own_pid(tx))
        await note(tx, "two")

    async with asyncio.timeout(10):
        with pytest.raises(Overloaded):
            await database.unit(work)
        await database.unit(noting("three"))
    assert await kept(database) == ["three"]


@pytest.mark.parametrize("keeps", [False, True])
async def test_a_connection_that_is_cut_before_its_end_is_an_overload(
    database: Database, url: str, keeps: bool
) -> None:
    async def work(tx: Transaction) -> None:
        await note(tx, "one")
        if keeps:
            tx.keep()
        await terminate(url, await own_pid(tx))
        if keeps:
            raise CodeIncorrect

    async with asyncio.timeout(10):
        with pytest.raises(Overloaded):
            await database.unit(work)
    assert await kept(database) == []


async def test_a_server_that_is_away_is_an_overload_and_comes_back(url: str) -> None:
    door = Doorway(url)
    database = await PostgresqlDatabase.connect(await door.open(), StoppedClock())
    await database.unit(noting("one"))
    await door.shut()
    async with asyncio.timeout(15):
        for _ in range(2):
            with pytest.raises(Overloaded):
                await database.unit(noting("two"))
            with pytest.raises(Overloaded):
                await kept(database)
            with pytest.raises(Overloaded):
                await database.schema_version()
        await door.open()
        await database.unit(noting("three"))
    assert await kept(database) == ["one", "three"]
    await database.close()
    await door.shut()


async def test_more_units_than_connections_wait_their_turn(url: str) -> None:
    database = await PostgresqlDatabase.connect(url, StoppedClock(), largest_pool=2)
    async with asyncio.timeout(15):
        await asyncio.gather(*(database.unit(noting(str(n))) for n in range(20)))
    assert len(await kept(database)) == 20
    await database.close()


async def test_who_has_a_deadline_is_turned_away_at_it(database: Database) -> None:
    async def nap(tx: Transaction) -> None:
        await note(tx, "one")
        tx.keep()
        await tx.one(_NAP)

    async def before(seconds: float) -> None:
        with deadline.scope():
            deadline.begin(seconds)
            for wait in (database.unit(nap), database.reader().one(_NAP), database.unit(nap)):
                with pytest.raises(Overloaded):
                    await wait

    async with asyncio.timeout(UNIT_SECONDS):
        await before(0.5)
    assert await kept(database) == []


async def test_a_server_that_ends_every_connection_at_rest_takes_no_place_away(url: str) -> None:
    database = await PostgresqlDatabase.connect(url, StoppedClock(), largest_pool=2)
    try:
        for _ in range(4):  # twice as often as there are places
            pids = await asyncio.gather(*(database.unit(own_pid) for _ in range(2)))
            for pid in set(pids):
                await terminate(url, pid)
            async with asyncio.timeout(30):
                lost = True
                while lost:  # nobody waits for a place that is not there
                    units = (database.unit(own_pid) for _ in range(2))
                    came = await asyncio.gather(*units, return_exceptions=True)
                    # Some are noticed only when something is asked of them.
                    lost = any(isinstance(one, Overloaded) for one in came)
                assert {type(one) for one in came} == {int}
        assert database.connections().in_use == 0
    finally:
        await database.close()
