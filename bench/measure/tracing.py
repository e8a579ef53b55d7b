"""The statements of an operation, as the product itself runs them.

Each operation is run once, in this process, in a transaction that is then rolled back: what is
left is its statements with their values, ready to be run again without anything around them.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from bench.load.job import Flow, Needs
from bench.world.foundation import Foundation
from gatepost.api.routes import ROUTES
from gatepost.api.routing import Table
from gatepost.api.server import Server
from gatepost.app import system_clock
from gatepost.audit.refusals import RefusalLog
from gatepost.context import Context
from gatepost.credentials.key_store import KeyStore
from gatepost.credentials.passwords import Passwords
from gatepost.log import Log
from gatepost.settings import Settings
from gatepost.storage.database import Row, Work
from gatepost.storage.postgresql import PostgresqlTransaction
from gatepost.storage.sqlite import SqliteTransaction
from gatepost.storage.statement import Statement


@dataclass
class Unit:
    """Statements that were committed together, or one without a transaction around it."""

    stands_alone: bool
    statements: list[tuple[str, Any]] = field(default_factory=list)


Trace = list[Unit]


class _SqliteTracing(SqliteTransaction):
    def __init__(self, connection: sqlite3.Connection, unit: Unit) -> None:
        super().__init__(connection, system_clock())
        self._unit = unit

    def _execute(self, statement: Statement, parameters: dict[str, Any]) -> list[Row]:
        self._unit.statements.append((statement.sqlite, parameters))
        return super()._execute(statement, parameters)

    def _change(self, statement: Statement, parameters: dict[str, Any]) -> int:
        self._unit.statements.append((statement.sqlite, parameters))
        return super()._change(statement, parameters)

    async def finish(self) -> None:
        """Here nothing was left for later."""


class _PostgresqlTracing(PostgresqlTransaction):
    def __init__(self, connection: asyncpg.Connection, unit: Unit) -> None:
        super().__init__(connection, system_clock())
        self._unit = unit

    async def _fetch(self, text: str, values: list[Any]) -> Sequence[Row]:
        self._unit.statements.append((text, values))
        return await super()._fetch(text, values)

    async def run(self, statement: Statement, /, **parameters: Any) -> int:
        values = statement.positional(parameters)
        self._unit.statements.append((statement.postgresql, values))
        return await super().run(statement, **parameters)

    async def finish(self) -> None:
        """Do what was left for later, as before a commit."""
        if (left := self.left) is not None:
            self._unit.statements.append((left[0].text, left[1]))
            await self.do_left()


class Tracing:
    """A database for one caller at a time, which notes every statement."""

    def __init__(self, connection: sqlite3.Connection | asyncpg.Connection) -> None:
        self._connection = connection
        self.trace: Trace = []

    def _transaction(self, *, stands_alone: bool) -> Any:
        self.trace.append(Unit(stands_alone))
        if isinstance(self._connection, sqlite3.Connection):
            return _SqliteTracing(self._connection, self.trace[-1])
        return _PostgresqlTracing(self._connection, self.trace[-1])

    def reader(self) -> Any:
        return self._transaction(stands_alone=True)

    async def unit(self, work: Work[Any]) -> Any:
        transaction = self._transaction(stands_alone=False)
        result = await work(transaction)
        await transaction.finish()
        return result

    async def once(self, statement: Statement, /, **parameters: Any) -> Sequence[Row]:
        alone = not isinstance(self._connection, sqlite3.Connection)
        transaction = self._transaction(stands_alone=alone)
        rows: Sequence[Row] = await transaction.all(statement, **parameters)
        return rows

    async def execute(self, text: str) -> None:
        """Begin or roll back around an operation."""
        done = self._connection.execute(text)
        if isinstance(done, Awaitable):
            await done


class Stage:
    """The product in this process, over a database that notes its statements."""

    def __init__(self, foundation: Foundation, settings: Settings, tracing: Tracing) -> None:
        self._tracing = tracing
        keys, log = foundation.keys(), Log(system_clock, "error")
        chance = secrets.token_bytes
        self._passwords = Passwords(chance)
        self._key_store = KeyStore(tracing, keys, chance, settings.issuer)  # type: ignore[arg-type]
        context = Context(
            settings=settings,
            database=tracing,  # type: ignore[arg-type]  # it never migrates
            clock=system_clock,
            chance=chance,
            keys=keys,
            key_store=self._key_store,
            passwords=self._passwords,
            mail_is_due=lambda: None,
            mail_is_worked=lambda: True,
            is_leaving=lambda: False,
            refusals=RefusalLog(tracing, lambda: keys, system_clock, chance, log),  # type: ignore[arg-type]
        )
        self._server = Server(context, Table(ROUTES), log)

    async def __aenter__(self) -> Stage:
        await self._tracing.execute("BEGIN")
        await self._key_store.open()
        await self._tracing.execute("ROLLBACK")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._passwords.close()

    async def trace(self, flow: Flow) -> Trace:
        """The statements of one operation, of which nothing stays. RuntimeError if refused."""
        self._tracing.trace = []
        await self._tracing.execute("BEGIN")
        try:
            answer = b""
            for step in flow:
                octets = step.head
                if step.needs is Needs.ANSWER:
                    octets += answer.partition(step.after)[2].partition(b'"')[0] + step.tail
                answer = await _answered(self._server, octets)
                if step.expect not in answer:
                    raise RuntimeError(f"refused while it was traced: {answer!r}")
        finally:
            await self._tracing.execute("ROLLBACK")
        return [unit for unit in self._tracing.trace if unit.statements]


async def _answered(server: Server, octets: bytes) -> bytes:
    """Hand a request, as it would be on the wire, to the server in this process."""
    head, _, body = octets.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, target, _ = first.decode().split(" ")
    path, _, query = target.partition("?")
    headers = [tuple(line.split(b": ", 1)) for line in lines]
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "headers": headers, "client": ("127.0.0.1", 1),
    }  # fmt: skip
    said = bytearray()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        said.extend(message.get("body", b""))

    await server(scope, receive, send)
    return bytes(said)
