"""What tests of mail may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gatepost.app import Parts, opened
from gatepost.settings import Settings
from tests.support.office import Office
from tests.support.world import MovableClock


@pytest.fixture
async def office(settings: Settings, clock: MovableClock) -> AsyncIterator[Office]:
    async with opened(settings, Parts(clock=clock)) as (database, keys):
        yield Office(database, keys, clock)
