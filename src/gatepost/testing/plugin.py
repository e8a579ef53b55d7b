"""The pytest plugin: `gatepost`, a pool for each test, on one server for each session.

With pytest-xdist each worker process has a server of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatepost.testing.emulator import Emulator
from gatepost.testing.environment import past_proxies
from gatepost.testing.pool import Gatepost


@pytest.fixture(scope="session")
def gatepost_emulator() -> Iterator[Emulator]:
    """The running server, for tests that want several pools: `Gatepost(gatepost_emulator)`.

    While it runs, `NO_PROXY` names this machine: clients that believe `HTTP_PROXY` would not
    find the server.
    """
    with Emulator() as emulator, pytest.MonkeyPatch.context() as patch:
        for name, value in past_proxies().items():
            patch.setenv(name, value)
        yield emulator


@pytest.fixture
def gatepost(gatepost_emulator: Emulator) -> Iterator[Gatepost]:
    """A real Gatepost with a pool and an app that no other test has, at the real time."""
    pool = Gatepost(gatepost_emulator)
    yield pool
    pool.clock.reset()
