"""People who bind addresses and sign in by them whatever happens: who gets no answer, or a 503,
asks again."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.faults.checker import Found
from tests.faults.history import Kind, Operation, Outcome
from tests.faults.trial import PAUSE_SECONDS, Trial
from tests.support.cluster import Member

PATIENCE_SECONDS = 30
"""A client waits far longer than any answer may take: a hang is to be seen, not cut off."""

ASKS_AGAIN_SECONDS = 10
JOURNEY_SECONDS = 100

SUBJECTS = {"CHANNEL_BIND_EMAIL": "to add this address", "CHANNEL_LOGIN": "to sign in"}
"""What the subject of a mail says its code is for."""


@dataclass
class Journey:
    """One address on its way to an account. A rival shows the same code at the same time."""

    email: str
    ann: Member
    rival: Member | None

    @property
    def people(self) -> list[Member]:
        return [self.ann, self.rival] if self.rival else [self.ann]


class Load:
    """Journeys side by side until it is told to end; none is left half way."""

    def __init__(self, trial: Trial, walkers: int = 4, name: str = "journey") -> None:
        self._trial, self._walkers, self._name = trial, walkers, name
        self._clients: list[httpx.AsyncClient] = []
        self._over = asyncio.Event()
        self._paused = False
        self._news = asyncio.Condition()
        self.walked: list[Journey] = []

    async def __aenter__(self) -> Load:
        limits = httpx.Limits(max_connections=64, keepalive_expiry=60)
        self._clients = [
            httpx.AsyncClient(base_url=node.url, timeout=PATIENCE_SECONDS, limits=limits)
            for node in self._trial.nodes
        ]
        self._turn = itertools.cycle(self._clients)
        self._tasks = [asyncio.create_task(self._walk_on()) for _ in range(self._walkers)]
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        self._over.set()
        try:
            if kind is None:  # else nobody may be there to answer who is on the way
                await asyncio.gather(*self._tasks)
        finally:
            for task in self._tasks:
                task.cancel()
            for client in self._clients:
                await client.aclose()

    async def more(self, count: int, outcome: Outcome | None = None, seconds: float = 60) -> None:
        """Wait until so many operations more came to this, or were answered at all."""
        history = self._trial.history
        wanted = (outcome,) if outcome else (Outcome.DONE, Outcome.REFUSED, Outcome.BUSY)

        def told() -> int:
            return sum(history.count(outcome) for outcome in wanted)

        goal = told() + count
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: told() >= goal or self._failed())
        except TimeoutError:
            left = len(self._trial.members)
            raise AssertionError(f"{told()} of {goal} operations, {left} people left") from None
        for task in self._tasks:
            if task.done():
                task.result()  # a mistake of the test comes to light

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nobody sets out meanwhile; who is on the way goes on."""
        self._paused = True
        try:
            yield
        finally:
            self._paused = False

    def most_arrived(self, found: Found) -> None:
        """Nearly everybody got there; who asked twice may have shown the older code."""
        walked = {journey.email for journey in self.walked}
        arrived = {email for email, _ in found.owners}
        assert arrived <= walked and len(arrived) >= 0.8 * len(walked) > 0, walked - arrived

    def _failed(self) -> bool:
        return any(task.done() for task in self._tasks)

    async def _walk_on(self) -> None:
        try:
            while not self._over.is_set():
                if len(self._trial.members) >= 2 and not self._paused:
                    await self.walks(self._next())
                else:
                    await asyncio.sleep(PAUSE_SECONDS)  # until more people are invited
        finally:
            async with self._news:
                self._news.notify_all()

    def _next(self) -> Journey:
        number = next(self._trial.numbers)
        ann = self._trial.members.pop()
        rival = self._trial.members.pop() if number % 3 == 0 else None
        return Journey(f"{self._name}-{number}@example.com", ann, rival)

    async def walks(self, journey: Journey) -> None:
        """One journey, to its end."""
        try:
            async with asyncio.timeout(JOURNEY_SECONDS):
                await self._walk(journey)
        except TimeoutError:
            history = self._trial.history.operations
            story = [str(operation) for operation in history if operation.email == journey.email]
            rows = await self._trial.cluster.rows(
                "SELECT state, attempts, last_answer, leased_until, due_at, created_at, give_up_at"
                f" FROM outbox WHERE recipient = '{journey.email}'"
            )
            mails = [tuple(row) for row in rows]
            raise AssertionError(
                f"{journey.email} came to no end: {story[-20:]}, mails: {mails}"
            ) from None

    async def _walk(self, journey: Journey) -> None:
        self.walked.append(journey)
        code = await self._mailed(journey, "CHANNEL_BIND_EMAIL")
        await asyncio.gather(*(self.binds(journey, who, code) for who in journey.people))
        await self._insist("look", journey, journey.ann, "get-profile", None)
        await self.binds(journey, journey.ann, code)  # once is enough
        # Who has an address is refused whatever the code: only a sign-in shows it again for real.
        code = await self._mailed(journey, "CHANNEL_LOGIN")
        await asyncio.gather(*(self._enters(journey, code) for _ in range(2)))
        await self._enters(journey, code)

    async def asks(self, journey: Journey, channel: str = "CHANNEL_BIND_EMAIL") -> None:
        """Ask for a code; one that is asked for without an account anybody may show."""
        asker = None if journey.rival or channel == "CHANNEL_LOGIN" else journey.ann
        body = {"email": journey.email, "channel": channel}
        await self._insist("send", journey, asker, "send-email", body)

    async def binds(self, journey: Journey, who: Member, code: str) -> None:
        """Show a code and bind the journey's address."""
        body = {"email": journey.email, "passCode": code}
        await self._insist("bind", journey, who, "bind-email", body, code)

    async def _enters(self, journey: Journey, code: str) -> None:
        payload = {"email": journey.email, "passCode": code}
        body = {"connection": "PASSCODE", "passCodePayload": payload}
        await self._insist("enter", journey, None, "signin", body, code)

    async def _mailed(self, journey: Journey, channel: str) -> str:
        """Ask for a code until one comes."""
        while True:
            await self.asks(journey, channel)
            if code := await self._code(journey.email, channel):
                return code

    async def _code(self, email: str, channel: str) -> str | None:
        """The code that came; None where it is time to ask again."""
        end = time.monotonic() + ASKS_AGAIN_SECONDS
        while time.monotonic() < end:
            if code := self._trial.sink.code_to(email, SUBJECTS[channel]):
                return code
            await asyncio.sleep(PAUSE_SECONDS)
        return None

    async def _insist(
        self,
        kind: Kind,
        journey: Journey,
        who: Member | None,
        path: str,
        body: dict[str, Any] | None,
        code: str = "",
    ) -> None:
        """Ask until there is an answer that means something."""
        while True:
            user_id = who.user_id if who else ""
            operation = Operation(kind, user_id, journey.email, code)
            await self._trial.history.note(operation, self._call(path, body, who))
            async with self._news:
                self._news.notify_all()
            if operation.outcome in (Outcome.DONE, Outcome.REFUSED, Outcome.WRONG):
                return
            await asyncio.sleep(PAUSE_SECONDS)

    async def _call(self, path: str, body: object, who: Member | None) -> httpx.Response:
        headers = {"x-authing-app-id": self._trial.cluster.app_id}
        if who:
            headers["authorization"] = who.token
        client, url = next(self._turn), f"/api/v3/{path}"
        if body is None:
            return await client.get(url, headers=headers)
        return await client.post(url, json=body, headers=headers)
