"""Nothing that matters is kept in one process: what one node is told, all nodes know.

Codes and their tries over two nodes are raced in tests/races.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx

from tests.races.test_codes import OK, said
from tests.support.cluster import Cluster, Crowd
from tests.support.commands import told
from tests.support.sink_thread import SinkThread
from tests.support.waiting import eventually

TOO_MANY = (429, 2100)
SESSION_ENDED = (401, 2206)


async def change_pool(cluster: Cluster, *changes: str) -> None:
    """Change the pool by a command, as an administrator on any machine does."""
    words = ("pool", "set", cluster.pool_id, *changes)
    await asyncio.to_thread(told, cluster.env | {"GATEPOST_LOG_LEVEL": "error"}, *words)


async def each(crowd: Crowd, step: str, bodies: list[Any], token: str = "") -> list[Any]:
    """One call after the other, each to the next node."""
    return [await crowd.post(step, body, token) for body in bodies]


async def test_settings_count_from_the_next_call_on_every_node(
    crowd: Crowd, sink: SinkThread
) -> None:
    for length, names in ((8, "ab"), (6, "cd")):
        await change_pool(crowd.cluster, f"verifyCodeLength={length}")
        addresses = [f"{name}.settings@example.com" for name in names]
        bodies = [{"email": email, "channel": "CHANNEL_LOGIN"} for email in addresses]
        assert [said(answer) for answer in await each(crowd, "send-email", bodies)] == [OK, OK]
        codes = [await asyncio.to_thread(sink.code, email) for email in addresses]
        assert [len(code) for code in codes] == [length, length]


async def test_a_limit_is_one_for_all_nodes(crowd: Crowd) -> None:
    (ann,) = await crowd.members(1)
    await change_pool(crowd.cluster, "limits.sendsPerUserHour=5")
    try:
        asks = (crowd.asks(f"limit-{n}@example.com", ann) for n in range(12))
        outcomes = Counter(said(answer) for answer in await asyncio.gather(*asks))
    finally:
        await change_pool(crowd.cluster, "limits.sendsPerUserHour=1000000")
    assert outcomes == {OK: 5, TOO_MANY: 7}


async def test_a_session_ends_on_every_node_at_once(crowd: Crowd) -> None:
    cluster = crowd.cluster
    for server in cluster.servers:
        (ann,) = await crowd.members(1)
        headers = {"authorization": ann.token, "x-authing-app-id": cluster.app_id}
        urls = [f"{each.url}/api/v3/get-profile" for each in cluster.servers]
        async with httpx.AsyncClient(timeout=30) as http:
            # Both have seen the token and remember that its signature is good.
            before = [(await http.get(url, headers=headers)).json() for url in urls]
            form = {"token": ann.token, "client_id": cluster.app_id}
            ended = await http.post(f"{server.url}/oidc/token/revocation", data=form)
            after = [(await http.get(url, headers=headers)).json() for url in urls]
        assert ended.status_code == 200
        assert [answer["statusCode"] for answer in before] == [200, 200]
        assert [(a["statusCode"], a["apiCode"]) for a in after] == [SESSION_ENDED] * 2


async def test_workers_of_all_nodes_send_each_mail_once(crowd: Crowd, sink: SinkThread) -> None:
    before = len(sink.mails)
    addresses = [f"mail-{n}@example.com" for n in range(60)]
    await asyncio.gather(*(crowd.asks(email, None) for email in addresses))
    await asyncio.to_thread(sink.wait, lambda: len(sink.mails) >= before + len(addresses))
    await asyncio.to_thread(all_done, crowd.cluster)
    sent = Counter(mail.recipients[0] for mail in sink.mails[before:])
    assert sent == Counter(addresses)


def all_done(cluster: Cluster) -> None:
    """Wait until no mail is left to be sent."""
    waiting = "SELECT id FROM outbox WHERE state = 'queued'"
    eventually(lambda: not asyncio.run(cluster.rows(waiting)), 20)
