"""Two real servers over one database, on each engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest

from gatepost.settings import Settings
from tests.support.cluster import Cluster, Crowd


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
