"""Trials: servers, a mail sink and people, over a fresh database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gatepost.management.pools import set_pool
from gatepost.settings import Settings
from tests.conftest import SERVER_KEYS
from tests.faults.postgresql_node import PostgresqlNode
from tests.faults.trial import Node, Trial
from tests.support.cluster import Cluster
from tests.support.engines import create_database
from tests.support.sink_thread import SinkThread

LONG = ("test_kills.py", "test_postgresql.py")
"""The files that take long, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long: whoever gets one last works on alone."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


@pytest.fixture
def sink() -> Iterator[SinkThread]:
    with SinkThread() as sink:
        yield sink


def trial_over(
    url: str, folder: Path, password_hash: str, sink: SinkThread, nodes: int = 1
) -> Trial:
    """A trial over a database; its servers mail for real, and are not started yet."""
    settings = Settings(
        data_dir=folder,
        database_url=url,
        public_url="http://127.0.0.1",
        server_keys=SERVER_KEYS,
        log_level="error",
    )
    cluster = Cluster.make(folder, settings, password_hash, SMTP_URL=sink.url)
    # Who got no answer may have been counted, and has to ask again.
    changes = {"verifyCodeResendInterval": "1"}
    asyncio.run(
        cluster.backstage(
            lambda database, _: database.unit(lambda tx: set_pool(tx, cluster.pool_id, changes))
        )
    )
    return Trial(cluster, sink, [Node(cluster) for _ in range(nodes)])


@pytest.fixture
def on_sqlite(tmp_path: Path, password_hash: str, sink: SinkThread) -> Iterator[Trial]:
    """One server on SQLite."""
    trial = trial_over(f"sqlite:///{tmp_path / 'gatepost.db'}", tmp_path, password_hash, sink)
    yield trial
    trial.end()


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlNode]:
    """A PostgreSQL server that the tests of a file may stop and start."""
    with TemporaryDirectory(prefix="gatepost-") as folder:
        node = PostgresqlNode(Path(folder) / "server")
        node.make()
        node.start()
        yield node
        node.stop("immediate")


@pytest.fixture
def on_postgresql(
    server: PostgresqlNode, tmp_path: Path, password_hash: str, sink: SinkThread
) -> Iterator[Trial]:
    """Two servers over a database of their own."""
    url = asyncio.run(create_database(server.url))
    trial = trial_over(url, tmp_path, password_hash, sink, nodes=2)
    yield trial
    trial.end()


@pytest.fixture(params=["sqlite", "postgresql"])
def on_either(
    request: pytest.FixtureRequest, tmp_path: Path, password_hash: str, sink: SinkThread
) -> Iterator[Trial]:
    """One server, on each engine."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'gatepost.db'}"
    else:
        url = asyncio.run(create_database(request.getfixturevalue("server").url))
    trial = trial_over(url, tmp_path, password_hash, sink)
    yield trial
    trial.end()
