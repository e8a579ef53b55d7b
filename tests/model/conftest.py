"""One server for all stories of a file, on each engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatepost.settings import Settings
from tests.support.house import House


@pytest.fixture(scope="module")
def house(shared_settings: Settings) -> Iterator[House]:
    house = House(shared_settings)
    yield house
    house.close()
