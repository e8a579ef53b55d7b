"""Servers that a fault is done to, the people who use them meanwhile, and the verdict."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from gatepost.credentials.codes import digits_of
from gatepost.server_keys import ServerKeys
from gatepost.storage.database import Database
from gatepost.storage.rows import columns
from gatepost.storage.statement import Statement
from gatepost.vocabulary.verification_code import VerificationCode
from tests.faults.checker import Found, problems
from tests.faults.history import History, Outcome
from tests.faults.pulse import Pulse
from tests.support.cluster import Cluster, Crowd, Member
from tests.support.engines import name_of
from tests.support.process import ServerProcess
from tests.support.sink_thread import SinkThread

SETTLE_SECONDS = 60
AT_ONCE = 4
"""How many sign in at a time: a busy machine is not to turn them away."""

PAUSE_SECONDS = 0.05


def free_port() -> int:
    """A port that nobody listens on: a server that comes back has to be where it was."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until(condition: Callable[[], Awaitable[object]], seconds: float) -> None:
    """Look again and again until something holds. TimeoutError if it never does."""
    async with asyncio.timeout(seconds):
        while True:
            if await condition():
                return
            await asyncio.sleep(PAUSE_SECONDS)


class Node:
    """One server that may die and come back at the same address."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.process: ServerProcess | None = None

    def start(self) -> ServerProcess:
        words = ("--port", str(self._port))
        self.process = ServerProcess(self._cluster.folder, self._cluster.env, *words)
        return self.process

    @property
    def alive(self) -> ServerProcess:
        assert self.process is not None
        return self.process

    def end(self) -> None:
        """Stop it, however it is."""
        if self.process is not None and self.process.process.poll() is None:
            self.process.kill()


@dataclass
class Trial:
    """What all tests of faults have: servers, a mail sink, people and a history."""

    cluster: Cluster
    sink: SinkThread
    nodes: list[Node]
    history: History = field(default_factory=History)
    members: list[Member] = field(default_factory=list)
    lag: float = 0.0
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def invite(self, count: int) -> None:
        """So many people more, signed in."""
        self.cluster.servers = [node.alive for node in self.nodes]
        async with Crowd(self.cluster) as crowd:
            for _ in range(0, count, AT_ONCE):
                self.members += await crowd.members(AT_ONCE)

    @property
    def database(self) -> str:
        """The name of the database on its PostgreSQL server."""
        return name_of(self.cluster.settings.database)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Find out how long the machine itself stood still meanwhile."""
        async with Pulse() as pulse:
            yield
        self.lag = max(self.lag, 2 * pulse.longest)

    async def ready(self, node: Node) -> None:
        """Wait until a server says that it can do its work."""
        async with httpx.AsyncClient(base_url=node.url, timeout=10) as client:
            await until(lambda: _is_ready(client), SETTLE_SECONDS)

    async def forget_loans(self) -> None:
        """Mails that a dead server had borrowed come back after 45 s: those are taken off here,
        since a process of its own has no clock that a test could move."""
        await self.cluster.change("UPDATE outbox SET leased_until = 0 WHERE state = 'queued'")

    async def settled(self) -> Found:
        """What there is once every mail that is due has arrived."""
        await until(self._all_mails_arrived, SETTLE_SECONDS)
        owners = await self.cluster.rows("SELECT email, id FROM users WHERE email IS NOT NULL")
        ended = await self.cluster.rows(
            "SELECT recipient FROM outbox WHERE state IN ('refused', 'late')"
        )
        given_up = Counter(row[0] for row in ended)
        return Found(
            tuple((row[0], row[1]) for row in owners),
            *self._mails(),
            given_up,
            await self.cluster.backstage(_unspent),
        )

    async def missing_mails(self) -> set[str]:
        """Mails that were or are to be sent, and which the sink never saw."""
        rows = await self.cluster.rows("SELECT id FROM outbox WHERE state IN ('queued', 'sent')")
        return {row[0] for row in rows} - self.sink.ids()

    async def _all_mails_arrived(self) -> bool:
        return not await self.missing_mails()

    def _mails(self) -> tuple[Counter[str], Counter[str]]:
        codes, receipts = Counter[str](), Counter[str]()
        once = {str(mail.message["Message-ID"]): mail for mail in tuple(self.sink.mails)}
        for mail in once.values():
            (codes if mail.code else receipts).update(mail.recipients)
        return codes, receipts

    async def verdict(self, *, busy_is_no: bool = False) -> Found:
        """Hold everything against the rules."""
        found = await self.settled()
        told = problems(self.history, found, busy_is_no=busy_is_no, lag=self.lag)
        counts = {outcome.value: self.history.count(outcome) for outcome in Outcome}
        print(f"operations: {counts}, addresses bound: {len(found.owners)}, lag: {self.lag:.2f} s")
        assert told == [], "\n".join(told[:20])
        return found

    def end(self) -> None:
        for node in self.nodes:
            node.end()


_UNSPENT = f"SELECT {columns(VerificationCode)} FROM verification_codes WHERE spent_at IS NULL"


async def _unspent(database: Database, keys: ServerKeys) -> frozenset[tuple[str, str]]:
    """The addresses and digits of codes that nobody has used up."""
    rows = await database.reader().all(Statement(_UNSPENT, _UNSPENT, ()))
    codes = [VerificationCode(*row) for row in rows]
    return frozenset((code.email, digits_of(keys, code)) for code in codes)


async def _is_ready(client: httpx.AsyncClient) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return (await client.get("/readyz")).status_code == 200
    return False
