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
from tests.faults.load import Journey, Load
from tests.faults.trial import Trial
from tests.faults.unprivileged import started_without_rights
from tests.faults.wal import CHECKPOINT_FRAMES, FRAME_HEADER, HEADER, Wal, frames_recovered

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


TORN: dict[str, Callable[[bytes], bytes]] = {
    "half a frame": lambda frame: frame[: len(frame) // 2],
    "noise": lambda frame: secrets.token_bytes(3 * len(frame)),
    "an old frame": lambda frame: frame,
    "nothing but zeros": lambda frame: bytes(len(frame)),
}
"""What a power cut may leave behind the last commit, made from a frame that is there."""


async def test_a_damaged_end_of_the_wal(on_sqlite: Trial) -> None:
    """What was still being written was promised to nobody: all else is there."""
    (node,) = on_sqlite.nodes
    node.start()
    await on_sqlite.invite(PEOPLE // 2)
    async with on_sqlite.watched(), Load(on_sqlite) as load:
        for damaged in TORN.values():
            await load.more(20)
            node.alive.kill()
            wal = Wal.at(wal_of(on_sqlite))
            assert frames_recovered(file_of(on_sqlite)) == wal.frames > 0
            first = wal.path.read_bytes()[HEADER : HEADER + wal.frame]
            wal.overwrite(wal.end, damaged(first))
            assert frames_recovered(file_of(on_sqlite)) == wal.frames
            await asyncio.to_thread(node.start)
            await on_sqlite.forget_loans()
        await load.more(20, Outcome.DONE)
    await on_sqlite.verdict(busy_is_no=True)


LOSSES: dict[str, Callable[[Wal, int], None]] = {
    "noise in a frame": lambda wal, place: wal.overwrite(
        place + FRAME_HEADER + 100, secrets.token_bytes(64)
    ),
    "zeros up to the end": lambda wal, place: wal.overwrite(place, bytes(wal.end - place)),
    "cut off in a frame": lambda wal, place: wal.truncate(place + wal.frame // 2),
}
"""What is left of a log from a place on, where a disk lied about fsync."""


async def test_a_wal_that_lost_its_last_commits(on_sqlite: Trial) -> None:
    """They are gone, as they must be; what was promised before is there, whole."""
    (node,) = on_sqlite.nodes
    node.start()
    await on_sqlite.invite(PEOPLE // 2)
    lost = []
    async with on_sqlite.watched():
        for damage in LOSSES.values():
            async with Load(on_sqlite) as load:
                await load.more(20, Outcome.DONE)
            email, before = await _last_journey(on_sqlite)
            lost.append(email)
            node.alive.kill()
            after = Wal.at(wal_of(on_sqlite))
            damage(after, before.end)
            assert frames_recovered(file_of(on_sqlite)) == before.frames < after.frames
            await asyncio.to_thread(node.start)
            await on_sqlite.forget_loans()
        async with Load(on_sqlite) as load:
            await load.more(20, Outcome.DONE)
    told = problems(on_sqlite.history, await on_sqlite.settled(), lag=on_sqlite.lag)
    assert sum(line.startswith("lost: ") for line in told) == len(LOSSES), told
    assert [line for line in told if not any(email in line for email in lost)] == []
    assert node.alive.stop() == 0
    with sqlite3.connect(file_of(on_sqlite)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


async def _last_journey(trial: Trial) -> tuple[str, Wal]:
    """An address that was bound last, and the log before anybody asked for its code.

    All that came after must still be in the log, and nothing of it in the database yet.
    """
    while True:
        before = Wal.at(wal_of(trial))
        async with Load(trial, walkers=0) as load:
            journey = Journey(f"last-{next(trial.numbers)}@example.com", trial.members.pop(), None)
            await load.walks(journey)
        after = Wal.at(wal_of(trial))
        if after.salts == before.salts and after.frames < CHECKPOINT_FRAMES:
            return journey.email, before


async def test_a_file_that_may_only_be_read(on_sqlite: Trial) -> None:
    """The server does not start, and says why in one line; it goes on once it may write."""
    (node,) = on_sqlite.nodes
    node.start()
    await on_sqlite.invite(PEOPLE // 4)
    async with on_sqlite.watched(), Load(on_sqlite) as load:
        await load.more(20, Outcome.DONE)
        node.alive.kill()
        files = list(on_sqlite.cluster.folder.glob("gatepost.db*"))
        for path in files:
            path.chmod(0o400)
        status, told = await asyncio.to_thread(started_without_rights, on_sqlite.cluster)
        assert status == 1 and len(told.splitlines()) == 1 and "cannot be written" in told, told
        for path in files:
            path.chmod(0o600)
        await asyncio.to_thread(node.start)
        await on_sqlite.forget_loans()
        await load.more(20, Outcome.DONE)
    load.most_arrived(await on_sqlite.verdict(busy_is_no=True))
