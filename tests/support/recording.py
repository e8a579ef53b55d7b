"""A server that writes down what each call makes it do: statements, units and password work."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any, ParamSpec, TypeVar

import httpx

from gatepost.api.routes import ROUTES
from gatepost.api.routing import Table
from gatepost.api.server import Server
from gatepost.credentials.passwords import Passwords
from gatepost.log import Log
from gatepost.storage.database import Database, Reader, Row, Transaction, Work
from gatepost.storage.statement import Statement
from tests.support.world import CHEAP, World

T = TypeVar("T")
_Given = ParamSpec("_Given")


@dataclass
class Record:
    """What was done since the last look, in its order."""

    deeds: list[str] = field(default_factory=list)

    def taken(self) -> list[str]:
        """What was done so far; a new page begins."""
        taken, self.deeds = self.deeds, []
        return taken


class RecordingReader:
    """A reader that writes down the text of each statement."""

    def __init__(self, reader: Reader, record: Record) -> None:
        self._reader = reader
        self._record = record
        self.now = reader.now

    async def one(self, statement: Statement, /, **parameters: Any) -> Row | None:
        self._record.deeds.append(statement.sqlite)
        return await self._reader.one(statement, **parameters)

    async def all(self, statement: Statement, /, **parameters: Any) -> Sequence[Row]:
        self._record.deeds.append(statement.sqlite)
        return await self._reader.all(statement, **parameters)

    async def both(
        self, first: Statement, second: Statement, /, **parameters: Any
    ) -> tuple[Sequence[Row], Sequence[Row]]:
        self._record.deeds += [first.sqlite, second.sqlite]
        return await self._reader.both(first, second, **parameters)


class RecordingTransaction(RecordingReader):
    """A unit that writes down the text of each statement, and when it keeps."""

    def __init__(self, tx: Transaction, record: Record) -> None:
        super().__init__(tx, record)
        self._tx = tx

    async def run(self, statement: Statement, /, **parameters: Any) -> int:
        self._record.deeds.append(statement.sqlite)
        return await self._tx.run(statement, **parameters)

    def later(self, statement: Statement, /, **parameters: Any) -> None:
        self._record.deeds.append(statement.sqlite)
        self._tx.later(statement, **parameters)

    def keep(self) -> None:
        self._record.deeds.append("keep")
        self._tx.keep()

    def on_commit(self, callback: Callable[[], None]) -> None:
        self._record.deeds.append("on commit")
        self._tx.on_commit(callback)


class RecordingDatabase:
    """A database whose every unit and reader writes down what it does."""

    def __init__(self, database: Database, record: Record) -> None:
        self._database = database
        self._record = record

    async def unit(self, work: Work[T]) -> T:
        self._record.deeds.append("unit")
        try:
            return await self._database.unit(
                lambda tx: work(RecordingTransaction(tx, self._record))
            )
        except BaseException:
            self._record.deeds.append("refused")
            raise
        finally:
            self._record.deeds.append("end of unit")

    async def once(self, statement: Statement, /, **parameters: Any) -> Sequence[Row]:
        self._record.deeds.append(f"once: {statement.sqlite}")
        return await self._database.once(statement, **parameters)

    def reader(self) -> Reader:
        self._record.deeds.append("reader")
        return RecordingReader(self._database.reader(), self._record)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


class RecordingPasswords(Passwords):
    """Passwords that write down each argon2 work and what it costs."""

    def __init__(self, record: Record) -> None:
        super().__init__(os.urandom, cost=CHEAP)
        self._record = record

    async def run(
        self, work: Callable[_Given, T], *arguments: _Given.args, **named: _Given.kwargs
    ) -> T:
        self._record.deeds.append(f"heavy work: {work.__name__}")
        return await super().run(work, *arguments, **named)

    def _verified(self, encoded: str, octets: bytes) -> bool | None:
        self._record.deeds.append(f"argon2: {encoded.rpartition('$')[0].rpartition('$')[0]}")
        return super()._verified(encoded, octets)


def served(world: World, **parts: Any) -> Server:
    """A second server over the same parts but those that are named."""
    context = replace(world.context, **parts)
    return Server(context, Table(ROUTES), Log(world.clock, "error"))


def calling(server: Server) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    """A client of a server in this process."""
    transport = httpx.ASGITransport(server, client=("127.0.0.1", 50_000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")
