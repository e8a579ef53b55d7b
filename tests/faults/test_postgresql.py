"""Two servers over one PostgreSQL that restarts, is cut off, is full, or runs into conflicts."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack, suppress

import asyncpg
import pytest

from tests.faults.history import Outcome
from tests.faults.load import Load
from tests.faults.postgresql_node import PostgresqlNode
from tests.faults.proxy import Cut, Proxy
from tests.faults.trial import Trial, until

PEOPLE = 128
CUTS: tuple[Cut, ...] = ("before", "after") * 4
_CUT_OFF = "SELECT count(pg_terminate_backend(pid, 1000)) FROM pg_stat_activity WHERE datname = $1"
"""Ends what is connected to a database, and waits until it is gone."""


@pytest.fixture
def trial(on_postgresql: Trial) -> Trial:
    """Two servers, which start in the test."""
    return on_postgresql


async def _ask(url: str, *statements: str) -> object:
    """Run statements; the value of the last."""
    connection = await asyncpg.connect(url)
    try:
        return [await connection.fetchval(statement) for statement in statements][-1]
    finally:
        await connection.close()


async def started(trial: Trial, people: int = PEOPLE) -> None:
    for node in trial.nodes:
        await asyncio.to_thread(node.start)
    await trial.invite(people)


async def test_it_restarts(trial: Trial, server: PostgresqlNode) -> None:
    await started(trial)
    async with trial.watched(), Load(trial) as load:
        for how in ("fast", "immediate"):
            await load.more(20)
            await asyncio.to_thread(server.stop, how)
            await load.more(10, Outcome.BUSY)
            await asyncio.to_thread(server.start)
        await load.more(20, Outcome.DONE)
        for node in trial.nodes:
            await trial.ready(node)
    await trial.forget_loans()
    load.most_arrived(await trial.verdict())


async def test_the_wire_is_cut_in_the_middle_of_a_commit(
    trial: Trial, server: PostgresqlNode
) -> None:
    async with Proxy(server.port) as proxy:
        through = trial.cluster.settings.database.replace(f":{server.port}/", f":{proxy.port}/")
        trial.cluster.env["GATEPOST_DATABASE_URL"] = through
        await started(trial)
        async with trial.watched(), Load(trial) as load:
            for cut in CUTS:  # whoever commits: mostly those who send mails
                await load.more(5, Outcome.DONE)
                proxy.cut_at_commit(cut)
            for cut in CUTS:
                await load.more(5, Outcome.DONE)
                proxy.cut_at_commit(cut, naming=b"journey-")
                await load.more(1, Outcome.BUSY)
            await load.more(10, Outcome.DONE)
            assert proxy.cut == 2 * len(CUTS)
            proxy.silent(True)
            await load.more(8, Outcome.BUSY)
            proxy.silent(False)
            await load.more(10, Outcome.DONE)
        await trial.forget_loans()
        load.most_arrived(await trial.verdict())
        for node in trial.nodes:
            node.end()


async def test_it_has_no_connection_left(trial: Trial, server: PostgresqlNode) -> None:
    await started(trial, 2 * PEOPLE)  # a good many get through before all is taken
    async with trial.watched(), Load(trial) as load, AsyncExitStack() as held:
        await load.more(20)
        first = await _taken(server, held)
        await _take_all(trial, server, first, held)
        await load.more(20, Outcome.BUSY)
        await held.aclose()
        await load.more(20, Outcome.DONE)
    await trial.forget_loans()
    load.most_arrived(await trial.verdict())


async def _taken(server: PostgresqlNode, held: AsyncExitStack) -> asyncpg.Connection:
    connection = await asyncpg.connect(server.url)
    held.push_async_callback(connection.close)
    return connection


async def _take_all(
    trial: Trial, server: PostgresqlNode, first: asyncpg.Connection, held: AsyncExitStack
) -> None:
    """Cut off the servers, and take what that leaves free while they cannot come again."""
    for node in trial.nodes:
        node.alive.process.send_signal(signal.SIGSTOP)
    try:
        await first.fetchval(_CUT_OFF, trial.database)
        with suppress(asyncpg.TooManyConnectionsError):
            while True:
                await _taken(server, held)
    finally:
        for node in trial.nodes:
            node.alive.process.send_signal(signal.SIGCONT)


async def test_serialization_failures(trial: Trial, server: PostgresqlNode) -> None:
    """Every transaction is a serializable one here; rivals collide all the time."""
    await started(trial)
    await _ask(
        server.url,
        f"ALTER DATABASE \"{trial.database}\" SET default_transaction_isolation = 'serializable'",
    )
    connection = await asyncpg.connect(server.url)
    await connection.fetchval(_CUT_OFF, trial.database)
    await connection.close()
    async with trial.watched(), Load(trial, walkers=12) as load:
        await load.more(120, seconds=120)
    assert "could not serialize access" in server.log()
    await trial.forget_loans()
    load.most_arrived(await trial.verdict())


async def test_deadlocks(trial: Trial) -> None:
    """Somebody takes the locks of a bind the other way round, and insists."""
    url = trial.cluster.settings.database
    await started(trial)
    before = await _deadlocks(url)
    rogue = await asyncpg.connect(url)
    await rogue.execute("SET deadlock_timeout = '60s'")  # so that it is the others that give way
    async with trial.watched(), Load(trial) as load:
        for _ in range(3):
            await load.more(10)
            await until(lambda: _caught(rogue, load), 60)
            await rogue.execute("LOCK TABLE users IN EXCLUSIVE MODE")
            await rogue.execute("COMMIT")
        await load.more(20, Outcome.DONE)
    await rogue.close()
    assert await _deadlocks(url) > before
    load.most_arrived(await trial.verdict())


async def _caught(rogue: asyncpg.Connection, load: Load) -> bool:
    """Hold the outbox while somebody binds; let it go again where all have got no further yet
    than to ask for a code."""
    await rogue.execute("BEGIN")
    await rogue.execute("LOCK TABLE outbox IN EXCLUSIVE MODE")
    with suppress(TimeoutError):
        await until(lambda: _somebody_waits(rogue), 2)
        return True
    await rogue.execute("ROLLBACK")
    await load.more(5)
    return False


async def _somebody_waits(rogue: asyncpg.Connection) -> bool:
    """Whether a transaction that has a user locked waits for the outbox."""
    return bool(
        await rogue.fetchval(
            "SELECT EXISTS (SELECT FROM pg_locks waiting JOIN pg_locks held USING (pid)"
            " WHERE NOT waiting.granted AND waiting.relation = 'outbox'::regclass"
            " AND held.granted AND held.relation = 'users'::regclass"
            " AND held.mode = 'RowExclusiveLock')"
        )
    )


async def _deadlocks(url: str) -> int:
    count = await _ask(
        url,
        "SELECT pg_stat_force_next_flush()",
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
    )
    assert isinstance(count, int)
    return count
