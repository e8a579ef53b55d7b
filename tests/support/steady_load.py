"""Calls that go on and on at every node while something else happens to the nodes."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.support.cluster import Crowd, Member

AT_ONCE = 4
FEWEST = 8


class SteadyLoad:
    """Who is signed in looks at the profile and asks for codes, on one node after the other."""

    def __init__(self, crowd: Crowd, members: list[Member]) -> None:
        self._crowd = crowd
        self._turn = itertools.cycle(members)
        self._over = asyncio.Event()
        self._news = asyncio.Condition()
        self.answers: list[dict[str, Any]] = []

    async def _walk(self) -> None:
        while not self._over.is_set():
            member = next(self._turn)
            email = f"{secrets.token_hex(8)}@example.com"
            await self._keep(await self._crowd.asks(email, member))
            await self._keep(
                await self._crowd.post("pre-check-code", _looking_at(email), member.token)
            )

    async def _keep(self, answer: dict[str, Any]) -> None:
        async with self._news:
            self.answers.append(answer)
            self._news.notify_all()

    async def more(self) -> None:
        """Wait until some more calls were answered."""
        goal = len(self.answers) + FEWEST
        async with asyncio.timeout(60), self._news:
            await self._news.wait_for(lambda: len(self.answers) >= goal)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Call until the block ends; every call must have gone well."""
        walks = [asyncio.create_task(self._walk()) for _ in range(AT_ONCE)]
        try:
            await self.more()
            yield
            await self.more()
        finally:
            self._over.set()
            await asyncio.gather(*walks)
        bad = [a for a in self.answers if (a["http"], a["statusCode"]) != (200, 200)]
        assert bad == []


def _looking_at(email: str) -> dict[str, Any]:
    payload = {"email": email, "passCode": "000000", "channel": "CHANNEL_BIND_EMAIL"}
    return {"codeType": "EMAIL", "emailCodePayload": payload}
