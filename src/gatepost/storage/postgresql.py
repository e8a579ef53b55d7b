"""Units of work on PostgreSQL: a pooled connection each, READ COMMITTED with guards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import asyncpg

from gatepost import deadline
from gatepost.storage.connections import ACQUIRE_SECONDS, Turns
from gatepost.storage.database import Clock, Row, UniqueViolation, Work
from gatepost.storage.hosts import Hosts
from gatepost.storage.statement import Statement, Together, both, together
from gatepost.storage.workload import Connections, Workload
from gatepost.vocabulary.refusals import Overloaded

T = TypeVar("T")
_OnConnection = Callable[[Any], Coroutine[Any, Any, T]]

MOST_TRIES = 8
COMMAND_SECONDS = 4.0
UNIT_SECONDS = 4.5
"""A unit takes no longer, whatever the database does; less where its caller has waited already."""

MIGRATION_SECONDS = 3600.0
FAREWELL_SECONDS = 1.0

# Not to_regclass, which after waiting for the lock may answer from what was cached before it.
_IS_MIGRATED = (
    "SELECT EXISTS (SELECT FROM pg_catalog.pg_class"
    " WHERE relname = 'alembic_version' AND relkind = 'r' AND pg_table_is_visible(oid))"
)
# Every statement has its index. What was planned while a table was small would go through all of
# it, and through what is dead in it: codes and budgets come and go faster than they are swept.
_BEGIN = "BEGIN; SET LOCAL enable_seqscan = off"
_MIGRATION_LOCK = 4_719_203_385  # any number, the same in every process
_STORAGE_IS_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the connection was ended while nothing was asked of it
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
)
_CONFLICT = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


def _column_of(violation: asyncpg.UniqueViolationError) -> str:
    """The column in the name of the index, which reads `<table>_<column>_unique`."""
    index = violation.constraint_name or ""
    return index.removesuffix("_unique").removeprefix(f"{violation.table_name}_")


class _Asking:
    """What can be asked, by whatever way the answer is fetched."""

    async def one(self, statement: Statement, /, **parameters: Any) -> Row | None:
        rows = await self.all(statement, **parameters)
        return rows[0] if rows else None

    async def all(self, statement: Statement, /, **parameters: Any) -> Sequence[Row]:
        return await self._fetch(statement.postgresql, statement.positional(parameters))

    async def both(
        self, first: Statement, second: Statement, /, **parameters: Any
    ) -> tuple[Sequence[Row], Sequence[Row]]:
        pair = both(first, second)
        return pair.parted(await self._fetch(pair.text, pair.positional(parameters)))

    async def _fetch(self, text: str, values: list[Any]) -> Sequence[Row]:
        raise NotImplementedError


class PostgresqlReader(_Asking):
    """Reads on any free connection of the pool."""

    def __init__(self, turns: Turns, now: int) -> None:
        self._turns = turns
        self.now = now

    async def _fetch(self, text: str, values: list[Any]) -> Sequence[Row]:
        try:
            async with (
                _time_limit(),
                self._turns.turn() as connection,
            ):
                rows: Sequence[Row] = await connection.fetch(text, *values)
        except _STORAGE_IS_AWAY as error:
            raise Overloaded(retry_after=1) from error
        return rows


class PostgresqlTransaction(_Asking):
    """One unit on one connection; its savepoint is set only where something was kept."""

    def __init__(self, connection: asyncpg.Connection, now: int) -> None:
        self._connection = connection
        self.now = now
        self.committed: list[Callable[[], None]] = []
        self._kept_callbacks = 0
        self._left: list[tuple[Statement, dict[str, Any]]] = []
        self._kept_left = 0
        self.kept = False
        self._savepoint_due = False

    async def _fetch(self, text: str, values: list[Any]) -> Sequence[Row]:
        await self._mark()
        try:
            rows: Sequence[Row] = await self._connection.fetch(text, *values)
        except asyncpg.UniqueViolationError as error:
            raise UniqueViolation(_column_of(error)) from error
        return rows

    async def run(self, statement: Statement, /, **parameters: Any) -> int:
        await self._mark()
        try:
            done: str = await self._connection.execute(
                statement.postgresql, *statement.positional(parameters)
            )
        except asyncpg.UniqueViolationError as error:
            raise UniqueViolation(_column_of(error)) from error
        return int(done.rsplit(" ", 1)[-1])

    def later(self, statement: Statement, /, **parameters: Any) -> None:
        self._left.append((statement, parameters))

    def keep(self) -> None:
        if any(each.missed or each.taken for each, _ in self._left):
            raise RuntimeError("what may yet be refused cannot be kept")
        self.kept = self._savepoint_due = True
        self._kept_callbacks = len(self.committed)
        self._kept_left = len(self._left)

    def on_commit(self, callback: Callable[[], None]) -> None:
        self.committed.append(callback)

    async def _mark(self) -> None:
        if self._savepoint_due:
            self._savepoint_due = False
            await self._connection.execute("SAVEPOINT kept")

    @property
    def left(self) -> tuple[Together, list[Any]] | None:
        """What was left for later, as one statement with its values."""
        if not self._left:
            return None
        statements = tuple(statement for statement, _ in self._left)
        values = [value for each, given in self._left for value in each.positional(given)]
        return together(statements), values

    async def do_left(self) -> None:
        """Do what was left for later, in one journey. Raises what its statements refuse."""
        if (left := self.left) is None:
            return
        whole, values = left
        await self._mark()
        try:
            rows = await self._connection.fetch(whole.text, *values)
        except asyncpg.UniqueViolationError as error:
            raise self._taken(error) from error
        if whole.missed:
            for changed, refusal in zip(rows[0], whole.missed, strict=True):
                if changed == 0:
                    raise refusal

    def _taken(self, error: asyncpg.UniqueViolationError) -> Exception:
        """What is refused where a unique index said no to something left for later."""
        for statement, _ in self._left:
            if statement.taken is not None and statement.changes == error.table_name:
                return statement.taken()
        return UniqueViolation(_column_of(error))

    async def commit(self) -> None:
        """Do what was left for later, and end the transaction."""
        await self.do_left()
        await self._connection.execute("COMMIT")

    async def undo(self) -> None:
        """Go back to the unit's start, or to what it kept, and end the transaction."""
        del self.committed[self._kept_callbacks :]
        del self._left[self._kept_left :]
        if not self.kept:
            await self._connection.execute("ROLLBACK")
            return
        if not self._savepoint_due:
            await self._connection.execute("ROLLBACK TO SAVEPOINT kept")
        await self.commit()


class PostgresqlDatabase:
    """PostgreSQL 14 or newer, or an engine that speaks like it, shared by any number of nodes."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self.workload = Workload()
        self._turns = Turns(pool, self.workload)
        self._running: set[asyncio.Task[Any]] = set()

    @classmethod
    async def connect(cls, url: str, clock: Clock, largest_pool: int = 10) -> PostgresqlDatabase:
        hosts = Hosts(url, ACQUIRE_SECONDS)
        pool = await asyncpg.create_pool(
            url,
            connect=hosts.connect,
            min_size=1,
            max_size=largest_pool,
            command_timeout=COMMAND_SECONDS,
            reset=_nothing_to_reset,
            **hosts.options,
        )
        return cls(pool, clock)

    def reader(self) -> PostgresqlReader:
        return PostgresqlReader(self._turns, self._clock())

    async def unit(self, work: Work[T]) -> T:
        return await self._to_its_end(lambda connection: self._transaction(connection, work))

    async def once(self, statement: Statement, /, **parameters: Any) -> Sequence[Row]:
        """Without a beginning and a commit, which would be two more journeys."""
        values = statement.positional(parameters)
        return await self._to_its_end(
            lambda connection: connection.fetch(statement.postgresql, *values)
        )

    async def _to_its_end(self, call: _OnConnection[T]) -> T:
        """In a task of its own: a caller that goes away must not cut a unit in two."""
        task = asyncio.create_task(self._attempts(call))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await self.workload.watched(asyncio.shield(task))

    async def _attempts(self, call: _OnConnection[T]) -> T:
        try:
            async with _time_limit():
                for _ in range(MOST_TRIES):
                    try:
                        async with self._turns.turn() as connection:
                            return await self._attempt(connection, call)
                    except _CONFLICT:
                        self.workload.conflicts += 1
                        continue
        except _STORAGE_IS_AWAY as error:
            raise Overloaded(retry_after=1) from error
        raise Overloaded(retry_after=1)

    async def _attempt(self, connection: Any, call: _OnConnection[T]) -> T:
        try:
            return await call(connection)
        except asyncio.CancelledError:
            connection.terminate()  # out of time, and nobody knows in the middle of what
            raise

    async def _transaction(self, connection: Any, work: Work[T]) -> T:
        await connection.execute(_BEGIN)
        transaction = PostgresqlTransaction(connection, self._clock())
        try:
            result = await work(transaction)
            await transaction.commit()
        except (*_CONFLICT, *_STORAGE_IS_AWAY):
            # The server ended the transaction; nothing of it can be kept.
            if not connection.is_closed():
                await connection.execute("ROLLBACK")
            raise
        except Exception:
            await transaction.undo()
            _call(transaction.committed)
            raise
        _call(transaction.committed)
        return result

    def connections(self) -> Connections:
        return self._turns.now()

    async def schema_version(self) -> str | None:
        return await self._pool_call(_version)

    async def run_script(self, expected: str | None, script: str) -> bool:
        async def migrate(connection: Any) -> bool:
            async with connection.transaction():
                lock = f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"
                await connection.execute(lock, timeout=MIGRATION_SECONDS)
                if await _version(connection) != expected:
                    return False
                await connection.execute(script, timeout=MIGRATION_SECONDS)
            return True

        return await self._pool_call(migrate)

    async def _pool_call(self, call: _OnConnection[T]) -> T:
        try:
            async with self._turns.turn() as connection:
                return await call(connection)
        except _STORAGE_IS_AWAY as error:
            raise Overloaded(retry_after=1) from error

    async def close(self) -> None:
        if self._running:
            await asyncio.wait(self._running)
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self._turns.close()
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


def _time_limit() -> asyncio.Timeout:
    """For one unit or read. Raises TimeoutError where nobody waits for it any more."""
    seconds = deadline.at_most(UNIT_SECONDS)
    if seconds <= 0:  # or the connection would be cut at its first statement
        raise TimeoutError
    return asyncio.timeout(seconds)


async def _nothing_to_reset(_connection: Any) -> None:
    """Units leave nothing in a session; a transaction left open the pool ends by itself."""


def _call(callbacks: list[Callable[[], None]]) -> None:
    for callback in callbacks:  # not called here: the unit is committed, even if one fails
        asyncio.get_running_loop().call_soon(callback)


async def _version(connection: Any) -> str | None:
    if not await connection.fetchval(_IS_MIGRATED):
        return None
    version: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return version
