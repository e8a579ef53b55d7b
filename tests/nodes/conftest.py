"""Two real servers over one PostgreSQL, which mail for real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gatepost.settings import Settings
from tests.conftest import SERVER_KEYS
from tests.support.cluster import Cluster, Crowd
from tests.support.engines import TEMPLATE, create_database, drop_database, name_of
from tests.support.sink_thread import SinkThread


@pytest.fixture(scope="module")
def sink() -> Iterator[SinkThread]:
    with SinkThread() as sink:
        yield sink


@pytest.fixture(scope="module")
def cluster(
    postgresql: str, tmp_path_factory: pytest.TempPathFactory, password_hash: str, sink: SinkThread
) -> Iterator[Cluster]:
    """Two nodes with a server key file each of them reads."""
    folder: Path = tmp_path_factory.mktemp("nodes")
    url = asyncio.run(create_database(postgresql, TEMPLATE))
    keys = folder / "server.keys"
    keys.write_text(SERVER_KEYS)
    settings = Settings(
        data_dir=folder,
        database_url=url,
        public_url="http://127.0.0.1",
        server_keys_file=keys,
        log_level="error",
    )
    mailing = {"SMTP_URL": sink.url, "SERVER_KEYS_FILE": str(keys)}
    cluster = Cluster.make(folder, settings, password_hash, **mailing)
    cluster.env["GATEPOST_LOG_LEVEL"] = "info"  # where word of changed keys is
    with ExitStack() as stack:
        cluster.start(2, stack)
        yield cluster
    asyncio.run(drop_database(postgresql, name_of(url)))


@pytest.fixture
async def crowd(cluster: Cluster) -> AsyncIterator[Crowd]:
    """People whose calls go to the nodes in turn."""
    async with Crowd(cluster) as crowd:
        yield crowd
