"""Every SQL statement of the storage prepares on both engines."""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
from pathlib import Path

import asyncpg

import gatepost.storage
from gatepost.storage.statement import Statement, all_statements
from tests.support.engines import TEMPLATE, sibling


def statements() -> list[Statement]:
    for module in pkgutil.iter_modules(gatepost.storage.__path__):
        if not module.ispkg:
            importlib.import_module(f"gatepost.storage.{module.name}")
    return all_statements()


def test_every_statement_prepares_on_sqlite(sqlite_template: Path) -> None:
    connection = sqlite3.connect(sqlite_template)
    refused = []
    for statement in statements():
        try:
            connection.execute(f"EXPLAIN {statement.sqlite}", dict.fromkeys(statement.names, 0))
        except sqlite3.Error as error:
            refused.append((str(error), statement.sqlite))
    connection.close()
    assert refused == []


async def test_every_statement_prepares_on_postgresql(postgresql: str) -> None:
    connection = await asyncpg.connect(sibling(postgresql, TEMPLATE))
    refused = []
    for statement in statements():
        try:
            await connection.prepare(statement.postgresql)
        except asyncpg.PostgresError as error:
            refused.append((str(error), statement.postgresql))
    await connection.close()
    assert refused == []


def test_there_are_statements_of_every_subject() -> None:
    texts = " ".join(statement.sqlite for statement in statements())
    for table in ("users", "sessions", "verification_codes", "outbox", "rate_limits"):
        assert table in texts
