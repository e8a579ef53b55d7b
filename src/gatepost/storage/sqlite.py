"""Units of work on SQLite: one writer, many units in one commit.

Statements take microseconds and run on the event loop; what takes long, the commit with its
fsync, runs in a thread. While a commit is under way the next units gather, and each of them
runs in a savepoint of its own, so that the refusal of one undoes nothing of another.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import random
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar, cast

from gatepost import deadline
from gatepost.storage.database import Clock, Row, UniqueViolation, Work
from gatepost.storage.statement import Statement
from gatepost.storage.waiting import Queue
from gatepost.storage.workload import Connections, Workload
from gatepost.vocabulary.refusals import Overloaded, Refusal

T = TypeVar("T")

LOCK_WAIT_SECONDS = 4.0
"""So that even who is turned away has an answer within 5 seconds."""

TURN_SECONDS = 4.0
"""A unit whose turn comes later than this is turned away: its caller has waited long enough."""

CACHE_KIB = 4 * 1024
"""Of pages, for each connection; the system keeps others of the file."""

LARGEST_BATCH = 256
LONGEST_QUEUE = 4096

_STORAGE_IS_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_NOMEM,
}


def _translated(error: sqlite3.Error) -> Exception:
    code = getattr(error, "sqlite_errorcode", 0)
    if code == sqlite3.SQLITE_CONSTRAINT_UNIQUE:
        return UniqueViolation(str(error).rsplit(".", 1)[-1])
    if code & 0xFF in _STORAGE_IS_AWAY:
        return Overloaded(retry_after=1)
    return error


class SqliteReader:
    """Reads on a connection of its own, beside the writer."""

    def __init__(self, connection: sqlite3.Connection, now: int) -> None:
        self._connection = connection
        self.now = now

    async def one(self, statement: Statement, /, **parameters: Any) -> Row | None:
        rows = self._execute(statement, parameters)
        return rows[0] if rows else None

    async def all(self, statement: Statement, /, **parameters: Any) -> Sequence[Row]:
        return self._execute(statement, parameters)

    async def both(
        self, first: Statement, second: Statement, /, **parameters: Any
    ) -> tuple[Sequence[Row], Sequence[Row]]:
        return self._execute(first, parameters), self._execute(second, parameters)

    def _execute(self, statement: Statement, parameters: dict[str, Any]) -> list[Row]:
        try:
            return self._connection.execute(statement.sqlite, parameters).fetchall()
        except sqlite3.Error as error:
            raise _translated(error) from error


class SqliteTransaction(SqliteReader):
    """One unit inside the writer's transaction, between two savepoints."""

    def __init__(self, connection: sqlite3.Connection, now: int) -> None:
        super().__init__(connection, now)
        self.committed: list[Callable[[], None]] = []
        self._kept_callbacks = 0
        connection.execute("SAVEPOINT unit")

    async def run(self, statement: Statement, /, **parameters: Any) -> int:
        return self._change(statement, parameters)

    def later(self, statement: Statement, /, **parameters: Any) -> None:
        """At once: here a statement is no journey that could be spared."""
        try:
            changed = self._change(statement, parameters)
        except UniqueViolation as violation:
            if statement.taken is None:
                raise
            raise statement.taken from violation
        if changed == 0 and statement.missed is not None:
            raise statement.missed

    def _change(self, statement: Statement, parameters: dict[str, Any]) -> int:
        try:
            return self._connection.execute(statement.sqlite, parameters).rowcount
        except sqlite3.Error as error:
            raise _translated(error) from error

    def keep(self) -> None:
        self._connection.execute("RELEASE unit")
        self._connection.execute("SAVEPOINT unit")
        self._kept_callbacks = len(self.committed)

    def on_commit(self, callback: Callable[[], None]) -> None:
        self.committed.append(callback)

    def accept(self) -> None:
        self._connection.execute("RELEASE unit")

    def undo(self) -> None:
        """Go back to the unit's start, or to what it kept."""
        del self.committed[self._kept_callbacks :]
        if not self._connection.in_transaction:  # SQLite has undone the whole batch by itself
            return
        self._connection.execute("ROLLBACK TO unit")
        self._connection.execute("RELEASE unit")


class _Unit:
    __slots__ = ("callbacks", "context", "failure", "future", "give_up_at", "result", "work")

    def __init__(self, work: Work[Any], future: asyncio.Future[Any], give_up_at: float) -> None:
        self.work = work
        self.future = future
        self.give_up_at = give_up_at
        self.context = contextvars.copy_context()
        self.result: Any = None
        self.failure: BaseException | None = None
        self.callbacks: list[Callable[[], None]] = []

    def run_in(self, transaction: SqliteTransaction) -> None:
        try:
            coroutine = cast("Coroutine[Any, Any, Any]", self.work(transaction))
            self.result = self.context.run(_drive, coroutine)
            transaction.accept()
        except BaseException as failure:  # whatever it is, it is this caller's and not the writer's
            self.failure = failure
            transaction.undo()
        self.callbacks = transaction.committed

    def settle(self) -> None:
        for callback in self.callbacks:  # not called here: one that fails must not stop the writer
            self.future.get_loop().call_soon(callback)
        if self.future.done():  # the caller went away; the work is done all the same
            return
        if self.failure is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.failure)

    def fail(self, failure: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(failure)


def _drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits to its end."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    coroutine.close()
    raise RuntimeError("a unit of work awaited something other than its transaction")


class SqliteDatabase:
    """SQLite in WAL mode with synchronous=FULL: an answer means that the data is on the disk."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        lock_wait_seconds: float = LOCK_WAIT_SECONDS,
        turn_seconds: float = TURN_SECONDS,
    ) -> None:
        self._clock = clock
        self._path = path
        self._lock_wait_seconds = lock_wait_seconds
        self._turn_seconds = turn_seconds
        self.workload = Workload()
        self._writer = self._connect()
        self._reading = self._connect()
        self._reading.execute("PRAGMA query_only = ON")
        self._committer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")
        self._waiting: Queue[_Unit] = Queue()
        self._wake = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=0,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        # Only the very first process changes the mode; it may have to wait for a lock.
        connection.execute(f"PRAGMA busy_timeout = {int(LOCK_WAIT_SECONDS * 1000)}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA temp_store = MEMORY")
        return connection

    def reader(self) -> SqliteReader:
        return SqliteReader(self._reading, self._clock())

    async def unit(self, work: Work[T]) -> T:
        if self._closing or len(self._waiting) >= LONGEST_QUEUE:
            raise Overloaded(retry_after=1)
        if self._task is None:
            self._task = asyncio.create_task(self._write())
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        give_up_at = loop.time() + deadline.at_most(self._turn_seconds)
        self._waiting.add(_Unit(work, future, give_up_at))
        self._wake.set()
        return await self.workload.watched(future)

    async def once(self, statement: Statement, /, **parameters: Any) -> Sequence[Row]:
        return await self.unit(lambda tx: tx.all(statement, **parameters))

    async def _write(self) -> None:
        while not (self._closing and not self._waiting):
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._batch()

    async def _batch(self) -> None:
        """Run waiting units and commit them together; nobody is answered before the commit."""
        batch: list[_Unit] = []
        try:
            await self._begin()
            while len(batch) < LARGEST_BATCH and (unit := self._waiting.next()):
                batch.append(unit)
                unit.run_in(SqliteTransaction(self._writer, self._clock()))
                # A full disk makes SQLite roll back everything by itself: then nothing of
                # this batch stands, and a later savepoint would commit alone.
                if not self._writer.in_transaction:
                    raise Overloaded(retry_after=1)
            await asyncio.get_running_loop().run_in_executor(
                self._committer, self._writer.execute, "COMMIT"
            )
        except Exception as error:
            self._abandon(batch, error)
        else:
            self.workload.batches.note(len(batch))
            for unit in batch:
                unit.settle()

    def _abandon(self, batch: list[_Unit], error: Exception) -> None:
        with contextlib.suppress(sqlite3.Error):  # then the next batch fails, and tries it again
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
        failure = _translated(error) if isinstance(error, sqlite3.Error) else error
        for unit in batch or self._waiting.take_all():
            unit.fail(failure)

    async def _begin(self) -> None:
        """Take the write lock; where another process holds it, wait without holding the loop."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._lock_wait_seconds
        while True:
            try:
                if self._writer.in_transaction:  # what could not be rolled back before
                    self._writer.execute("ROLLBACK")
                self._writer.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not isinstance(_translated(error), Refusal) or loop.time() > end:
                    raise
            await asyncio.sleep(random.uniform(0.0003, 0.002))  # noqa: S311

    def connections(self) -> Connections:
        busy = int(self._writer.in_transaction)
        return Connections(busy, 1 - busy, 1, len(self._waiting))

    async def schema_version(self) -> str | None:
        try:
            return _version(self._reading)
        except sqlite3.Error as error:
            raise _translated(error) from error

    async def run_script(self, expected: str | None, script: str) -> bool:
        try:
            await self._begin()
            return self._run_script(expected, script)
        except sqlite3.Error as error:
            raise _translated(error) from error
        finally:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")

    def _run_script(self, expected: str | None, script: str) -> bool:
        if _version(self._writer) != expected:
            return False
        for statement in script.split(";\n"):
            if statement.strip():
                self._writer.execute(statement)
        self._writer.execute("COMMIT")
        return True

    async def close(self) -> None:
        self._closing = True
        if self._task is not None:
            self._wake.set()
            await self._task
        self._committer.shutdown()
        self._writer.close()
        self._reading.close()


def _version(connection: sqlite3.Connection) -> str | None:
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return None
        raise
    return row[0] if row else None
