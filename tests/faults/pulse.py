"""How long the machine itself lets a process wait: what no server can make up for."""

from __future__ import annotations

import asyncio
import time

EVERY_SECONDS = 0.02


class Pulse:
    """Beats while it is entered; `longest` is by how many seconds a beat was late at most."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def __aenter__(self) -> Pulse:
        self._task = asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _beat(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(EVERY_SECONDS)
            self.longest = max(self.longest, time.monotonic() - began - EVERY_SECONDS)
