"""Two servers over PostgreSQL with a synchronous standby: any of the four may die."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from tests.faults.conftest import trial_over
from tests.faults.history import Outcome
from tests.faults.load import Load
from tests.faults.postgresql_node import PostgresqlNode
from tests.faults.trial import Trial, until
from tests.support.sink_thread import SinkThread

PEOPLE = 160


@pytest.fixture
def pair() -> Iterator[tuple[PostgresqlNode, PostgresqlNode]]:
    """A primary that commits nothing its standby has not written down."""
    with TemporaryDirectory(prefix="gatepost-") as folder:
        primary = PostgresqlNode(Path(folder) / "primary")
        standby = PostgresqlNode(Path(folder) / "standby")
        primary.make()
        primary.start()
        standby.copy(primary)
        standby.start()
        asyncio.run(_be_synchronous(primary))
        yield primary, standby
        for node in (primary, standby):
            if node.running:
                node.stop("immediate")


async def _be_synchronous(primary: PostgresqlNode) -> None:
    connection = await asyncpg.connect(primary.url)
    await connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
    await connection.execute("SELECT pg_reload_conf()")
    state = "SELECT sync_state FROM pg_stat_replication"

    async def is_synchronous() -> bool:
        return bool(await connection.fetchval(state) == "sync")

    await until(is_synchronous, 30)
    await connection.close()


@pytest.fixture
def trial(
    pair: tuple[PostgresqlNode, PostgresqlNode],
    tmp_path: Path,
    password_hash: str,
    sink: SinkThread,
) -> Iterator[Trial]:
    """Two servers that know of both databases, and find out by themselves which is the primary."""
    primary, standby = pair
    hosts = f"127.0.0.1:{standby.port},127.0.0.1:{primary.port}"
    url = f"postgresql://postgres@{hosts}/postgres"
    trial = trial_over(url, tmp_path, password_hash, sink, nodes=2)
    for node in trial.nodes:
        node.start()
    yield trial
    trial.end()


async def test_servers_and_databases_die(
    trial: Trial, pair: tuple[PostgresqlNode, PostgresqlNode]
) -> None:
    primary, standby = pair
    await trial.invite(PEOPLE)
    async with trial.watched(), Load(trial) as load:
        await load.more(20)
        trial.nodes[0].alive.kill()
        await trial.forget_loans()
        await load.more(20, Outcome.DONE)
        await asyncio.to_thread(trial.nodes[0].start)
        await load.more(20, Outcome.DONE)
        await asyncio.to_thread(primary.stop, "immediate")
        await load.more(20, Outcome.BUSY)
        await asyncio.to_thread(standby.promote)
        await load.more(40, Outcome.DONE)
        for node in trial.nodes:
            await trial.ready(node)
    await trial.forget_loans()
    found = await trial.verdict()
    load.most_arrived(found)
