"""A server that is killed under load, again and again, over the same data.

What was acknowledged stands; what was not, either happened as a whole or not at all.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from gatepost.settings import Settings
from tests.races.test_codes import ALREADY_BOUND, CODE_INCORRECT, OK, said
from tests.support.cluster import Cluster, Crowd, Member
from tests.support.sink_thread import SinkThread

ROUNDS = 4
JOURNEYS = 12
STEPS = 3 * JOURNEYS


@dataclass
class Journey:
    """One address on its way to an account. A rival shows the same code at the same time."""

    email: str
    ann: Member
    rival: Member | None
    winners: list[str] = field(default_factory=list)

    @property
    def people(self) -> list[Member]:
        return [self.ann, self.rival] if self.rival else [self.ann]


class Load:
    """Journeys at a server that dies after so many steps of them."""

    def __init__(self, cluster: Cluster, sink: SinkThread, steps: int, delay: float) -> None:
        self._cluster, self._sink, self._steps, self._delay = cluster, sink, steps, delay
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._over = False

    async def run(self, journeys: list[Journey]) -> None:
        """Walk all of them until the server is dead."""
        wake = lambda: self._loop.call_soon_threadsafe(self._on_mail)  # noqa: E731
        self._sink.listeners.append(wake)
        async with Crowd(self._cluster) as crowd:
            await asyncio.gather(*(self._walk(crowd, journey) for journey in journeys))
        self._sink.listeners.remove(wake)
        if not self._over:
            self._kill()

    def _on_mail(self) -> None:
        self._news.set()
        self._step()

    def _step(self) -> None:
        self._steps -= 1
        if self._steps == 0:
            self._loop.call_later(self._delay, self._kill)

    def _kill(self) -> None:
        if not self._over:
            self._cluster.servers[0].kill()
            self._over = True
            self._news.set()

    async def _walk(self, crowd: Crowd, journey: Journey) -> None:
        try:
            await crowd.asks(journey.email, None if journey.rival else journey.ann)
            self._step()
            if code := await self._code(journey.email):
                binds = (self._bind(crowd, journey, who, code) for who in journey.people)
                await asyncio.gather(*binds)
        except httpx.TransportError:
            return  # it died: nothing is known of what was asked last

    async def _code(self, email: str) -> str | None:
        while not self._over:
            if code := self._sink.code_to(email):
                return code
            self._news.clear()
            await self._news.wait()
        return None

    async def _bind(self, crowd: Crowd, journey: Journey, who: Member, code: str) -> None:
        answer = await crowd.binds(who, journey.email, code)
        self._step()
        if said(answer) == OK:
            journey.winners.append(who.user_id)


@pytest.fixture
def sink() -> Iterator[SinkThread]:
    with SinkThread() as sink:
        yield sink


@pytest.fixture
def crashing(shared_settings: Settings, password_hash: str, sink: SinkThread) -> Iterator[Cluster]:
    """A cluster that mails for real; its servers are started by the test."""
    folder = shared_settings.data_dir
    cluster = Cluster.make(folder, shared_settings, password_hash, SMTP_URL=sink.url)
    yield cluster
    for server in cluster.servers:
        if server.process.poll() is None:
            server.kill()


async def owners(cluster: Cluster) -> dict[str, str]:
    """Who has which address."""
    rows = await cluster.rows("SELECT email, id FROM users WHERE email IS NOT NULL")
    assert len({row[0] for row in rows}) == len(rows), "an address has two owners"
    return {row[0]: row[1] for row in rows}


async def every_mail_goes_out(cluster: Cluster, sink: SinkThread) -> None:
    """Each committed mail is sent, and no other was."""
    rows = await cluster.rows("SELECT id FROM outbox")
    committed = {row[0] for row in rows}
    await asyncio.to_thread(sink.wait, lambda: committed <= sink.ids(), 20)
    assert committed - sink.ids() == set(), "a mail was lost"
    assert sink.ids() - committed == set(), "a mail went out for what was rolled back"


async def receipts_are_true(cluster: Cluster) -> None:
    """One receipt for each address that is bound, and none for another."""
    rows = await cluster.rows(
        "SELECT recipient FROM outbox WHERE template = 'email_bound' ORDER BY recipient"
    )
    assert [row[0] for row in rows] == sorted(await owners(cluster))


async def goes_on(crowd: Crowd, sink: SinkThread, journey: Journey, mallory: Member) -> None:
    """The journey comes to its end after the crash; its code has then been used once."""
    owner = (await owners(crowd.cluster)).get(journey.email)
    if journey.winners:
        assert [owner] == journey.winners, "an acknowledged bind was lost"
    code = sink.code_to(journey.email)
    if code is None:
        assert owner is None
        return
    answer = said(await crowd.binds(journey.ann, journey.email, code))
    if owner is None:
        assert answer == OK
    else:
        assert answer == (ALREADY_BOUND if owner == journey.ann.user_id else CODE_INCORRECT)
    assert said(await crowd.binds(mallory, journey.email, code)) == CODE_INCORRECT


async def test_nothing_that_was_promised_is_lost(crashing: Cluster, sink: SinkThread) -> None:
    seed = int(os.environ.get("CRASH_SEED") or secrets.randbits(32))
    print(f"to repeat this: CRASH_SEED={seed}")
    chance = random.Random(seed)  # noqa: S311
    crashing.start(1)
    async with Crowd(crashing) as crowd:
        mallory, *people = await crowd.members(1 + ROUNDS * (JOURNEYS + JOURNEYS // 2))
    finished = 0
    for number in range(ROUNDS):
        journeys = [
            Journey(
                f"journey-{number}-{n}@example.com",
                people.pop(),
                people.pop() if n % 2 else None,
            )
            for n in range(JOURNEYS)
        ]
        await Load(
            crashing, sink, steps=chance.randint(3, STEPS), delay=chance.uniform(0, 0.02)
        ).run(journeys)
        finished += sum(len(journey.winners) for journey in journeys)
        # Mails that the dead server had borrowed come back after 45 s: those seconds are
        # taken off here, since a process of its own has no clock that a test could move.
        await crashing.change("UPDATE outbox SET leased_until = 0 WHERE state = 'queued'")
        crashing.start(1)
        await every_mail_goes_out(crashing, sink)
        async with Crowd(crashing) as crowd:
            for journey in journeys:
                await goes_on(crowd, sink, journey, mallory)
        await every_mail_goes_out(crashing, sink)
        await receipts_are_true(crashing)
    print(f"acknowledged before a crash: {finished} of {ROUNDS * JOURNEYS}")
    assert crashing.servers[0].stop() == 0
