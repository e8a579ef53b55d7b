"""Both clients behind one face, and a server that answers as it is told."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from client.tests.scripted import ScriptedServer
from gatepost_client import AsyncAuthenticationClient, AuthenticationClient

APP_ID, APP_SECRET = "5b0a1a2b6c3d4e5f60718293", "0123456789abcdef0123456789abcdef"


class Blocking:
    """An asynchronous client, each of whose calls is waited for."""

    def __init__(self, client: AsyncAuthenticationClient, runner: asyncio.Runner) -> None:
        self._client, self._runner = client, runner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def wait(*given: Any, **named: Any) -> Any:
            return await found(*given, **named)

        return lambda *given, **named: self._runner.run(wait(*given, **named))

    def __repr__(self) -> str:
        return repr(self._client)


class Connect:
    """Makes clients of one kind, and closes them in the end."""

    def __init__(self, kind: str, url: str, runner: asyncio.Runner) -> None:
        self.kind, self._url, self.runner = kind, url, runner
        self.clients: list[Any] = []

    def __call__(self, **settings: Any) -> Any:
        """A client of the server, unless the settings say another."""
        given = {"app_id": APP_ID, "app_secret": APP_SECRET, "app_host": self._url} | settings
        synchronous = self.kind == "synchronous"
        made = self.of(
            (AuthenticationClient if synchronous else AsyncAuthenticationClient)(**given)
        )
        self.clients.append(made)
        return made

    def of(self, client: AuthenticationClient | AsyncAuthenticationClient) -> Any:
        """A client behind the common face."""
        if isinstance(client, AsyncAuthenticationClient):
            return Blocking(client, self.runner)
        return client


@pytest.fixture(params=["synchronous", "asynchronous"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which client: a test runs once with each."""
    return str(request.param)


@pytest.fixture
def connect(
    kind: str, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Connect]:
    """Make a client of the server, or of another host."""
    monkeypatch.setenv("NO_PROXY", "*")
    with asyncio.Runner() as runner:
        connect = Connect(kind, server.url, runner)
        yield connect
        for client in connect.clients:
            client.close()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server that answers as it is told."""
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def client(connect: Connect) -> Any:
    """A client of the server, as most people make it."""
    return connect()
