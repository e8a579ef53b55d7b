"""A node that is killed under load loses nothing, and the other goes on meanwhile."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field

import httpx

from tests.races.test_codes import ALREADY_BOUND, OK, said
from tests.support.cluster import Cluster, Crowd, Member
from tests.support.sink_thread import SinkThread

JOURNEYS = 16
DIES_AFTER = (6, 20)
"""How many calls are answered before a node is killed: once early, once while codes are shown."""


@dataclass
class Told:
    """What people were told before and after a node died."""

    promised: dict[str, str] = field(default_factory=dict)
    unanswered: int = 0


async def walk(crowd: Crowd, sink: SinkThread, member: Member, email: str, told: Told) -> None:
    """Bind an address; a call that the dead node did not answer is made again."""
    asking = {"email": email, "channel": "CHANNEL_BIND_EMAIL"}
    if await again(crowd, told, "send-email", member, asking) != OK:
        return  # it was counted when the node died: there will be a mail, or a minute to wait
    code = await asyncio.to_thread(sink.code, email)
    answer = await again(crowd, told, "bind-email", member, {"email": email, "passCode": code})
    assert answer in (OK, ALREADY_BOUND)  # the latter where only the answer was lost
    told.promised[email] = member.user_id


async def again(
    crowd: Crowd, told: Told, step: str, member: Member, body: dict[str, str]
) -> tuple[int, int | None]:
    while True:
        try:
            return said(await crowd.post(step, body, member.token))
        except httpx.TransportError:
            told.unanswered += 1


async def test_a_node_may_die_at_any_moment(cluster: Cluster, sink: SinkThread) -> None:
    for number, dies_after in enumerate(DIES_AFTER):
        told = Told()
        async with Crowd(cluster) as crowd:
            members = await crowd.members(JOURNEYS)
            emails = [f"death-{number}-{n}@example.com" for n in range(JOURNEYS)]
            calls = itertools.count(1)

            async def counted(response: httpx.Response) -> None:
                if next(calls) == dies_after:  # noqa: B023
                    cluster.servers[0].kill()

            crowd.listen(counted)
            release = asyncio.create_task(loans_run_out(cluster))
            walks = (
                walk(crowd, sink, member, email, told)
                for member, email in zip(members, emails, strict=True)
            )
            await asyncio.gather(*walks)
            release.cancel()
        rows = await cluster.rows(
            f"SELECT email, id FROM users WHERE email LIKE 'death-{number}-%'"
        )
        owners = {row[0]: row[1] for row in rows}
        assert len(rows) == len(owners)
        assert told.promised.items() <= owners.items()
        assert told.unanswered > 0 and len(told.promised) > JOURNEYS // 2
        if dies_after != DIES_AFTER[-1]:
            cluster.replace(0)


async def loans_run_out(cluster: Cluster) -> None:
    """Mails that the dead node had borrowed come back after 45 s; those are taken off here."""
    while True:
        await cluster.change("UPDATE outbox SET leased_until = 0 WHERE state = 'queued'")
        await asyncio.sleep(1)
