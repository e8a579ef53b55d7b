"""Many rows at once, and questions about them, beside the server: plain SQL on either engine.

Statements are written with `?`; PostgreSQL gets `$1`, `$2` and so on.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from re import sub
from typing import Any, Protocol, TypeVar

import asyncpg

T = TypeVar("T")
Values = Sequence[Any]

WAIT_SECONDS = 30


class Bulk(Protocol):
    """A database, as the benchmark fills and asks it."""

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
        """Add rows, committed."""

    def each(self, statement: str, rows: Sequence[Values]) -> None:
        """Run a statement once for each row, committed together."""

    def ask(self, statement: str, *values: Any) -> list[Values]:
        """The rows of a query."""

    def settle(self) -> None:
        """Bring statistics up to date and write what waits, so that a run begins at rest."""

    def size(self) -> int:
        """Octets on the disk."""


def bulk(url: str) -> Bulk:
    """The database of a URL."""
    if url.startswith("sqlite:///"):
        return _Sqlite(Path(url.removeprefix("sqlite:///")))
    return _Postgresql(url)


class _Sqlite:
    def __init__(self, path: Path) -> None:
        self._path = path

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=WAIT_SECONDS)

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
        marks = ", ".join("?" * len(columns))
        with closing(self._open()) as connection, connection:
            connection.execute("PRAGMA cache_size = -262144")
            statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
            connection.executemany(statement, rows)

    def each(self, statement: str, rows: Sequence[Values]) -> None:
        with closing(self._open()) as connection, connection:
            connection.executemany(statement, rows)

    def ask(self, statement: str, *values: Any) -> list[Values]:
        with closing(self._open()) as connection:
            return connection.execute(statement, values).fetchall()

    def settle(self) -> None:
        with closing(self._open()) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def size(self) -> int:
        files = (self._path, self._path.with_name(self._path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())


class _Postgresql:
    def __init__(self, url: str) -> None:
        self._url = url

    def _run(self, work: Any) -> Any:
        async def run() -> Any:
            connection = await asyncpg.connect(self._url)
            try:
                return await work(connection)
            finally:
                await connection.close()

        return _finished(run())

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
        self._run(lambda c: c.copy_records_to_table(table, records=rows, columns=columns))

    def each(self, statement: str, rows: Sequence[Values]) -> None:
        self._run(lambda c: c.executemany(_numbered(statement), rows))

    def ask(self, statement: str, *values: Any) -> list[Values]:
        rows: list[Values] = self._run(lambda c: c.fetch(_numbered(statement), *values))
        return [tuple(row) for row in rows]

    def settle(self) -> None:
        self._run(lambda c: c.execute("VACUUM ANALYZE"))
        self._run(lambda c: c.execute("CHECKPOINT"))

    def size(self) -> int:
        return int(self.ask("SELECT pg_database_size(current_database())")[0][0])


def _numbered(statement: str) -> str:
    numbers = count(1)
    return sub(r"\?", lambda _: f"${next(numbers)}", statement)


def _finished(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)
