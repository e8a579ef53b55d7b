"""Two real servers over one database, on each engine."""

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


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Settings of servers that share a fresh database."""
    folder: Path = tmp_path_factory.mktemp("race")
    url, server = f"sqlite:///{folder / 'gatepost.db'}", None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        url = asyncio.run(create_database(server, TEMPLATE))
    yield Settings(
        data_dir=folder,
        database_url=url,
        public_url="http://127.0.0.1",
        server_keys=SERVER_KEYS,
        log_level="error",
    )
    if server:
        asyncio.run(drop_database(server, name_of(url)))


@pytest.fixture(scope="module")
def cluster(shared_settings: Settings, password_hash: str) -> Iterator[Cluster]:
    """Two servers that run for all races of a file."""
    folder = shared_settings.data_dir
    cluster = Cluster.make(folder, shared_settings, password_hash, DEV_MAILBOX="1")
    with ExitStack() as stack:
        cluster.start(2, stack)
        yield cluster


@pytest.fixture
async def crowd(cluster: Cluster) -> AsyncIterator[Crowd]:
    """People at those servers."""
    async with Crowd(cluster) as crowd:
        yield crowd
