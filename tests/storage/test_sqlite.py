"""What only SQLite does: many units in one commit, one writer, one file."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gatepost import deadline
from gatepost.storage.database import Database, Transaction
from gatepost.storage.sqlite import LONGEST_QUEUE, SqliteDatabase
from gatepost.storage.statement import Statement
from gatepost.vocabulary.refusals import CodeIncorrect, Overloaded
from tests.support.notes import kept, note, noted, noting
from tests.support.world import StoppedClock

SHORT_WAIT = 0.3


@pytest.fixture
def path(sqlite_template: Path, tmp_path: Path) -> Path:
    return shutil.copyfile(sqlite_template, tmp_path / "gatepost.db")


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase(path, StoppedClock(), lock_wait_seconds=SHORT_WAIT)
    yield database
    await database.close()


@pytest.fixture
async def patient(path: Path) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase(path, StoppedClock(), lock_wait_seconds=30, turn_seconds=30)
    yield database
    await database.close()


async def pragma(database: Database, text: str) -> int:
    """Ask or tell the writer's connection something."""
    statement = Statement(f"PRAGMA {text}", "", ())

    async def work(tx: Transaction) -> int:
        row = await tx.one(statement)
        return int(row[0]) if row else 0

    return await database.unit(work)


async def test_what_is_answered_is_on_the_disk(database: SqliteDatabase, path: Path) -> None:
    full = 2
    assert await pragma(database, "synchronous") == full
    assert await pragma(database, "foreign_keys") == 1
    await database.unit(noting("one"))
    with sqlite3.connect(path) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert other.execute("SELECT 1 FROM server_keys WHERE id = 'note one'").fetchone()
    other.close()


async def test_waiting_units_share_one_commit_and_answers_come_after_it(
    database: SqliteDatabase, path: Path
) -> None:
    seen_outside: list[int] = []
    outside = sqlite3.connect(path)

    async def look(tx: Transaction) -> list[str]:
        (count,) = outside.execute(
            "SELECT count(*) FROM server_keys WHERE id LIKE 'note %'"
        ).fetchone()
        seen_outside.append(count)
        return await noted(tx)

    units = [database.unit(work) for n in range(5) for work in (noting(str(n)), look)]
    answers = await asyncio.gather(*units)
    outside.close()
    assert seen_outside == [0] * 5
    assert answers[-1] == ["0", "1", "2", "3", "4"]


async def test_a_unit_that_waits_for_something_else_fails_loudly(database: SqliteDatabase) -> None:
    async def nap(tx: Transaction) -> None:
        await note(tx, "one")
        await asyncio.sleep(0)

    async def nested(tx: Transaction) -> None:
        await note(tx, "two")
        await database.unit(noting("inner"))

    for work in (nap, nested):
        with pytest.raises(RuntimeError, match="awaited something other than its transaction"):
            await database.unit(work)
    await database.unit(noting("three"))
    assert not {"one", "two"} & set(await kept(database))


async def test_a_full_disk_fails_the_whole_batch_and_passes(database: SqliteDatabase) -> None:
    await database.unit(noting("before"))
    await pragma(database, f"max_page_count = {await pragma(database, 'page_count') + 2}")
    answers = await asyncio.gather(
        database.unit(noting("small")),
        database.unit(lambda tx: note(tx, "big", "x" * 200_000)),
        database.unit(lambda tx: note(tx, "big too", "x" * 200_000)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [Overloaded] * 3
    assert await kept(database) == ["before"]
    await database.unit(noting("small again"))  # what still fits is kept
    await pragma(database, "max_page_count = 1000000")
    await database.unit(lambda tx: note(tx, "big", "x" * 200_000))
    assert await kept(database) == ["before", "big", "small again"]


async def test_what_a_full_disk_undid_stays_undone_even_if_it_was_kept(
    database: SqliteDatabase,
) -> None:
    await pragma(database, f"max_page_count = {await pragma(database, 'page_count') + 2}")

    async def stubborn(tx: Transaction) -> None:
        await note(tx, "kept")
        tx.keep()
        try:
            await note(tx, "big", "x" * 200_000)
        except Overloaded:
            raise CodeIncorrect from None

    async def blind(tx: Transaction) -> None:
        try:
            await note(tx, "big", "x" * 200_000)
        except Overloaded:
            return

    for work in (stubborn, blind):
        with pytest.raises(Overloaded):
            await database.unit(work)
    assert await kept(database) == []


@pytest.fixture
def held(path: Path) -> sqlite3.Connection:
    """Another process's connection that holds the write lock until it ends its transaction."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


async def test_a_lock_that_another_process_holds_is_waited_for_without_holding_the_loop(
    patient: SqliteDatabase, held: sqlite3.Connection
) -> None:
    unit = asyncio.create_task(patient.unit(noting("one")))
    turns = 0
    while turns < 50:  # the loop turns, and readers read, while the writer waits
        await asyncio.sleep(0)
        assert await kept(patient) == []
        turns += 1
    assert not unit.done()
    held.execute("COMMIT")
    async with asyncio.timeout(5):
        await unit
    held.close()
    assert await kept(patient) == ["one"]


async def test_a_lock_that_is_held_too_long_is_an_overload_for_all_who_wait(
    database: SqliteDatabase, held: sqlite3.Connection
) -> None:
    units = [database.unit(noting(str(n))) for n in range(3)]
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*units, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Overloaded] * 3
    held.execute("ROLLBACK")
    held.close()
    await database.unit(noting("later"))
    assert await kept(database) == ["later"]


async def test_who_has_waited_for_too_long_is_turned_away_and_nothing_is_done(
    path: Path, held: sqlite3.Connection
) -> None:
    database = SqliteDatabase(path, StoppedClock(), lock_wait_seconds=30, turn_seconds=0)
    units = [asyncio.create_task(database.unit(noting(str(n)))) for n in range(3)]
    await asyncio.sleep(0)
    held.execute("ROLLBACK")
    held.close()
    answers = await asyncio.gather(*units, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Overloaded] * 3
    assert await kept(database) == []
    await database.close()


async def test_who_has_a_deadline_is_turned_away_at_it_and_nothing_is_done(
    patient: SqliteDatabase, held: sqlite3.Connection
) -> None:
    first = asyncio.create_task(patient.unit(noting("of somebody with more time")))
    await asyncio.sleep(0)  # so that it is the first
    with deadline.scope():
        deadline.begin(SHORT_WAIT)
        async with asyncio.timeout(5):
            with pytest.raises(Overloaded):
                await patient.unit(noting("two"))
            with pytest.raises(Overloaded):  # it is over for all that comes
                await patient.unit(noting("three"))
    assert not first.done()
    held.execute("ROLLBACK")
    held.close()
    await first
    assert await kept(patient) == ["of somebody with more time"]


async def test_more_than_fits_the_queue_is_refused_at_once(
    patient: SqliteDatabase, held: sqlite3.Connection
) -> None:
    units = [asyncio.create_task(patient.unit(noting(str(n)))) for n in range(LONGEST_QUEUE)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await patient.unit(noting("one too many"))
    held.execute("ROLLBACK")
    held.close()
    await asyncio.gather(*units)
    assert len(await kept(patient)) == LONGEST_QUEUE


async def test_nothing_is_taken_in_once_it_closes(path: Path) -> None:
    database = SqliteDatabase(path, StoppedClock())
    await database.close()
    with pytest.raises(Overloaded):
        await database.unit(noting("late"))
