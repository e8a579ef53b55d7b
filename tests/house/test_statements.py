"""Every SQL statement of the storage prepares on both engines."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import asyncpg

import gatepost.storage
from gatepost.storage.statement import Statement, all_statements
from tests.support.engines import TEMPLATE, sibling

WHOLE = re.compile(r"SCAN |SEARCH .*\(user_pool_id=\?\)$")
OWN = ("SCAN l", "SCAN due", "SCAN stray", "SCAN 2 CONST", "SCAN 3 CONST", "SCAN 4 CONST")
OWN += ("SCAN 5 CONST", "SCAN 6 CONST", "SCAN CONSTANT")
"""Steps over what the statement itself brings, or has found by an index."""


def statements() -> list[Statement]:
    """Those of the storage; tests have a few of their own."""
    found: set[Statement] = set()
    for module in pkgutil.iter_modules(gatepost.storage.__path__):
        if not module.ispkg and module.name != "statement":  # it holds all, those of tests too
            loaded = importlib.import_module(f"gatepost.storage.{module.name}")
            found.update(_held(list(vars(loaded).values())))
    return [statement for statement in all_statements() if statement in found]


def _held(values: Iterable[object]) -> Iterator[Statement]:
    for value in values:
        if isinstance(value, Statement):
            yield value
        elif isinstance(value, list | tuple):
            yield from _held(value)
        elif isinstance(value, dict):
            yield from _held(value.values())


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


LOOKS_AT_ALL = (
    "SELECT count(*), MIN(created_at) FROM outbox",  # metrics
    "SELECT id, variables_sealed FROM outbox",  # rotation of keys
    "SELECT DISTINCT settings FROM applications",
    "SELECT id, secret_sealed FROM applications",
    "SELECT id, access_key_sealed FROM user_pools",
    "DELETE FROM allowed_origins",  # few rows, and by administrators
    "FROM audit_log WHERE CAST(",  # what an administrator lists
    "FROM outbox WHERE CAST(",
    "FROM dev_mailbox",
    "FROM applications a",  # by the page behind a link, and by a start
    "server_keys",
    "signing_keys",
)
"""What reads a whole table, because the table is small or nobody waits for it."""


def test_no_statement_looks_through_what_belongs_to_others(sqlite_template: Path) -> None:
    """A table is never read whole, nor all that a pool has in it, for the sake of one person."""
    connection = sqlite3.connect(sqlite_template)
    found = []
    for statement in statements():
        text, names = statement.sqlite, dict.fromkeys(statement.names, 0)
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", names)]
        whole = [step for step in plan if WHOLE.match(step) and not step.startswith(OWN)]
        if whole and not any(part in text for part in LOOKS_AT_ALL):
            found.append((whole, text))
    connection.close()
    assert found == []


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


SMALL = {"server_keys", "signing_keys", "user_pools", "applications", "allowed_origins"}
"""Tables that stay small, however many people there are."""

OF_AN_ADMINISTRATOR = " = '' OR "
"""In lists by a wish that may be left out, which may take their time."""


def test_no_statement_looks_through_a_table_that_grows(sqlite_template: Path) -> None:
    connection = sqlite3.connect(sqlite_template)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    found = []
    for statement in statements():
        if OF_AN_ADMINISTRATOR in statement.sqlite:
            continue
        plan = connection.execute(
            f"EXPLAIN QUERY PLAN {statement.sqlite}", dict.fromkeys(statement.names, 0)
        )
        for *_, step in plan.fetchall():
            kind, table, *how = step.split()
            if kind == "SCAN" and not how and table in tables - SMALL:
                found.append((step, statement.sqlite))
    connection.close()
    assert found == []
