"""What tests of the audit log may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gatepost.app import open_database
from gatepost.settings import Settings
from tests.support.audit_bench import AuditBench
from tests.support.world import StoppedClock


@pytest.fixture
async def bench(settings: Settings) -> AsyncIterator[AuditBench]:
    """The audit log, on each engine."""
    clock = StoppedClock()
    database = await open_database(settings, clock)
    yield AuditBench(database, clock)
    await database.close()
