"""Keys change under two nodes that go on answering, and none of them is started again."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
from base64 import urlsafe_b64decode

import httpx

from gatepost.server_keys import generate
from tests.conftest import SERVER_KEYS
from tests.races.test_codes import OK, said
from tests.support.cluster import Cluster, Crowd
from tests.support.commands import told
from tests.support.sink_thread import SinkThread
from tests.support.steady_load import SteadyLoad
from tests.support.waiting import eventually

READ_AGAIN = '"event":"server keys read again"'


def hang_up(cluster: Cluster) -> None:
    """Have every node read its keys again, and wait until it has."""
    for server in cluster.servers:
        before = server.log().count(READ_AGAIN)
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: server.log().count(READ_AGAIN) > before, 30)  # noqa: B023


def rotate(cluster: Cluster, *words: str) -> dict[str, list[str]]:
    answer: dict[str, list[str]] = told(cluster.env, "keys", "rotate", *words)
    return answer


def key_of(token: str) -> str:
    """Which key a token says it was signed with."""
    head = token.partition(".")[0]
    return str(json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


async def published(cluster: Cluster) -> list[set[str]]:
    """The ids of the keys that each node publishes."""
    async with httpx.AsyncClient(timeout=30) as http:
        urls = (f"{server.url}/oidc/.well-known/jwks.json" for server in cluster.servers)
        return [{key["kid"] for key in (await http.get(url)).json()["keys"]} for url in urls]


async def test_the_server_key_changes_while_requests_run(crowd: Crowd, sink: SinkThread) -> None:
    cluster, file = crowd.cluster, crowd.cluster.settings.server_keys_file
    assert file is not None
    ann, *others = await crowd.members(5)
    await crowd.asks("ann.keys@example.com", ann)
    code = await asyncio.to_thread(sink.code, "ann.keys@example.com")
    new = generate(secrets.token_bytes)
    load = SteadyLoad(crowd, others)
    async with load.running():
        for keys in ((SERVER_KEYS, new), (new, SERVER_KEYS)):
            file.write_text("\n".join(keys))
            if keys[0] == new:
                await asyncio.to_thread(rotate, cluster)
            await asyncio.to_thread(hang_up, cluster)
            await load.more()
        needed = (await asyncio.to_thread(rotate, cluster))["needed"]
        assert needed == ["test"]  # codes that it made are still on their way
    assert said(await crowd.binds(ann, "ann.keys@example.com", code)) == OK
    await crowd.asks("late.keys@example.com", others[0])
    late = await asyncio.to_thread(sink.code, "late.keys@example.com")
    assert said(await crowd.binds(others[0], "late.keys@example.com", late)) == OK


async def test_the_signing_key_changes_while_requests_run(crowd: Crowd) -> None:
    cluster = crowd.cluster
    members = await crowd.members(4)
    old = key_of(members[0].token)
    load = SteadyLoad(crowd, members)
    async with load.running():
        await asyncio.to_thread(rotate, cluster, "--signing")
        await asyncio.to_thread(hang_up, cluster)
        first, second = await published(cluster)
        assert first == second and old in first and len(first) == 2
        # A minute later it signs; that minute is taken off here.
        await cluster.change("UPDATE signing_keys SET active_from = active_from - 60000")
        await asyncio.to_thread(hang_up, cluster)
        await load.more()
        fresh = await crowd.members(2)  # one signs in at each node
        assert {key_of(member.token) for member in fresh} == first - {old}
        for member in (*fresh, *members):
            for _ in cluster.servers:
                answer = await crowd.asks(f"{secrets.token_hex(8)}@example.com", member)
                assert said(answer) == OK
