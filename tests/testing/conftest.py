"""The plugin's fixtures, whether or not this environment has the package installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gatepost.testing import Gatepost
from gatepost.testing.plugin import gatepost, gatepost_emulator
from gatepost_client import AuthenticationClient

__all__ = ["gatepost", "gatepost_emulator"]

Connect = Callable[[Gatepost], AuthenticationClient]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """A client of a pool's app, where a proxy is set that leads nowhere."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    clients = []

    def make(pool: Gatepost) -> AuthenticationClient:
        clients.append(
            AuthenticationClient(app_id=pool.app_id, app_secret=pool.app_secret, app_host=pool.host)
        )
        return clients[-1]

    yield make
    for client in clients:
        client.close()
