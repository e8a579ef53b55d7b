"""One server for many tests, on an event loop that tests drive from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

from gatepost.settings import Settings
from tests.support.backstage import calling_from
from tests.support.world import StoppedClock, World, new_world

T = TypeVar("T")

NEVER = 1e9
"""Seconds until the server tidies up: by the real time, while stories have their own."""


class House:
    """A server whose time only moves when a test moves it, called from two places."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._places: dict[str, World] = {}
        self.clock = StoppedClock()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Do something at the server."""
        return self._runner.run(coroutine)

    def opened(self) -> dict[str, World]:
        """The server, as it is called from `home` and from `away`."""
        if not self._places:
            self._places = self.run(self._open())
        return self._places

    async def _open(self) -> dict[str, World]:
        made = new_world(self._settings, self.clock, sweep_seconds=NEVER)
        world = await self._stack.enter_async_context(made)
        away = await self._stack.enter_async_context(calling_from(world, "203.0.113.9"))
        return {"home": world, "away": away}

    def close(self) -> None:
        """Stop the server."""
        self.run(self._stack.aclose())
        self._runner.close()
