"""Trials: servers, a mail sink and people, over a fresh database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatepost.management.pools import set_pool
from gatepost.settings import Settings
from tests.conftest import SERVER_KEYS
from tests.faults.trial import Node, Trial
from tests.support.cluster import Cluster
from tests.support.sink_thread import SinkThread


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
