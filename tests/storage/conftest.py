"""A database alone, without a server around it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gatepost.app import open_database
from gatepost.settings import Settings
from gatepost.storage.database import Database
from tests.support.world import StoppedClock


@pytest.fixture
def stopped() -> StoppedClock:
    """The time of `database`."""
    return StoppedClock()


@pytest.fixture
async def database(settings: Settings, stopped: StoppedClock) -> AsyncIterator[Database]:
    """A migrated database, on each engine."""
    database = await open_database(settings, stopped)
    yield database
    await database.close()
