"""What the tests of a mutant need, on SQLite and as little of it as will do.

Loaded in place of every conftest.py: a mutant's run then takes a second or two.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gatepost.storage.migration import migrate
from gatepost.storage.sqlite import SqliteDatabase
from tests.support.code_bench import CodeBench, StoppedClock


@pytest.fixture(params=["sqlite"])
async def bench(tmp_path: Path) -> AsyncIterator[CodeBench]:
    clock = StoppedClock()
    database = SqliteDatabase(tmp_path / "gatepost.db", clock)
    await migrate(database, "sqlite")
    yield CodeBench(database, clock)
    await database.close()
