"""What tests of credentials may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gatepost.app import open_database
from gatepost.settings import Settings
from tests.support.code_bench import CodeBench, StoppedClock


@pytest.fixture
async def bench(database_url: str) -> AsyncIterator[CodeBench]:
    """The engine of codes, on each engine of storage."""
    clock = StoppedClock()
    database = await open_database(Settings(database_url=database_url), clock)
    yield CodeBench(database, clock)
    await database.close()
