"""SQLite where the disk is full, the file may only be read, somebody else holds the lock, or
the end of the WAL is damaged."""

from __future__ import annotations

import asyncio
import resource
import secrets
import sqlite3
from collections.abc import Callable
from pathlib import Path

from tests.faults.checker import problems
from tests.faults.history import Outcome
from tests.faults.load import Load
from tests.faults.trial import Trial
from tests.faults.unprivileged import started_without_rights

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
PEOPLE = 160


def file_of(trial: Trial) -> Path:
    return trial.cluster.folder / "gatepost.db"


def wal_of(trial: Trial) -> Path:
    return trial.cluster.folder / "gatepost.db-wal"


async def test_a_full_disk(on_sqlite: Trial) -> None:
    (node,) = on_sqlite.nodes
    process = node.start().process.pid
    await on_sqlite.invite(PEOPLE)
    async with on_sqlite.watched(), Load(on_sqlite) as load:
        for limit in (0, 20_000, 150_000):
            await load.more(10)
            resource.prlimit(process, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            await load.more(20, Outcome.BUSY)
            resource.prlimit(process, resource.RLIMIT_FSIZE, UNLIMITED)
        await load.more(10, Outcome.DONE)
        await on_sqlite.ready(node)
    await on_sqlite.verdict(busy_is_no=True)


async def test_a_lock_that_another_process_holds(on_sqlite: Trial) -> None:
    """For a while it is waited for; for longer, everybody is told to come again."""
    (node,) = on_sqlite.nodes
    node.start()
    await on_sqlite.invite(PEOPLE)
    path = file_of(on_sqlite)
    other = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    async with on_sqlite.watched(), Load(on_sqlite) as load:
        for held_for in (1, 8):
            await load.more(10)
            assert on_sqlite.history.count(Outcome.BUSY) == 0
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            await asyncio.sleep(held_for)
            other.execute("ROLLBACK")
        await load.more(10, Outcome.DONE)
    other.close()
    assert on_sqlite.history.count(Outcome.BUSY) > 0
    await on_sqlite.verdict(busy_is_no=True)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "half a frame": lambda tail: tail[: len(tail) // 2],
    "noise": lambda tail: secrets.token_bytes(3 * len(tail)),
    "an old frame": lambda tail: tail,
    "nothing but zeros": lambda tail: bytes(len(tail)),
}
"""What a power cut may leave behind the last commit, made from a frame that is there."""


async def test_a_damaged_end_of_the_wal(on_sqlite: Trial) -> None:
    (node,) = on_sqlite.nodes
    node.start()
    await on_sqlite.invite(PEOPLE)
    async with on_sqlite.watched(), Load(on_sqlite) as load:
        for damage in DAMAGES.values():
            await load.more(20)
            node.alive.kill()
            wal = wal_of(on_sqlite).read_bytes()
            frame = 24 + int.from_bytes(wal[8:12], "big")
            with wal_of(on_sqlite).open("ab") as file:
                file.write(damage(wal[32 : 32 + frame]))
            await on_sqlite.forget_loans()
            await asyncio.to_thread(node.start)
        await load.more(20, Outcome.DONE)
    await on_sqlite.verdict(busy_is_no=True)


async def test_a_wal_that_lost_its_last_commits_is_whole_all_the_same(on_sqlite: Trial) -> None:
    """A disk that lies about fsync costs what it lost, but nothing contradicts itself."""
    (node,) = on_sqlite.nodes
    node.start()
    await on_sqlite.invite(PEOPLE // 2)
    async with on_sqlite.watched(), Load(on_sqlite) as load:
        await load.more(30)
    node.alive.kill()
    with wal_of(on_sqlite).open("r+b") as file:
        file.seek(-5000, 2)
        file.write(secrets.token_bytes(64))
    await on_sqlite.forget_loans()
    node.start()
    await on_sqlite.ready(node)
    with sqlite3.connect(file_of(on_sqlite)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    lost = problems(on_sqlite.history, await on_sqlite.settled())
    assert [line for line in lost if "owners" in line or "worked" in line] == []


def test_a_file_that_may_only_be_read(on_sqlite: Trial) -> None:
    """The server does not start, and says why in one line; it does once it may write."""
    (node,) = on_sqlite.nodes
    files = list(on_sqlite.cluster.folder.glob("gatepost.db*"))
    for path in files:
        path.chmod(0o400)
    status, told = started_without_rights(on_sqlite.cluster)
    assert status == 1 and len(told.splitlines()) == 1 and "cannot be written" in told, told
    for path in files:
        path.chmod(0o600)
    node.start()
    asyncio.run(on_sqlite.ready(node))
