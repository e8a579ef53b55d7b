"""SIGTERM: announced to load balancers, then nobody's request is lost and no mail either."""

from __future__ import annotations

import asyncio
import itertools
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.caller import Shop
from tests.support.commands import told
from tests.support.process import FAREWELL_SECONDS, ServerProcess, environment
from tests.support.smtp_sink import SmtpSink
from tests.support.waiting import eventually

CLIENTS = 12
ANSWERS_BEFORE = 60


def readiness(server: ServerProcess) -> tuple[int, str]:
    answer = httpx.get(f"{server.url}/readyz", timeout=30)
    return answer.status_code, answer.json()["status"]


def test_a_balancer_is_told_while_requests_are_still_answered(tmp_path: Path) -> None:
    env = environment(tmp_path, DEV_MAILBOX="1", DRAIN_SECONDS="4")
    with (
        ServerProcess(tmp_path, env) as server,
        httpx.Client(base_url=server.url, timeout=30) as kept,
    ):
        assert readiness(server) == (200, "ready")
        assert "connection" not in kept.get("/healthz").headers
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: readiness(server) == (503, "leaving"))
        # On a new connection and on an old one, which is asked to end.
        assert httpx.get(f"{server.url}/healthz").status_code == 200
        assert kept.get("/healthz").headers["connection"] == "close"
        assert server.process.wait(FAREWELL_SECONDS) == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.url}/healthz")


class Client:
    """Asks for codes until it finds the door shut. Anything else that goes wrong is a loss."""

    def __init__(self, shop: Shop, url: str, keeps_connection: bool) -> None:
        self._shop, self._url = shop, url
        self._most_kept = 1 if keeps_connection else 0
        self.asked: list[str] = []

    async def run(self, addresses: Callable[[], str], answered: Callable[[], None]) -> None:
        limits = httpx.Limits(max_keepalive_connections=self._most_kept)
        async with httpx.AsyncClient(base_url=self._url, timeout=30, limits=limits) as http:
            while True:
                email = addresses()
                try:
                    response = await http.post("/api/v3/send-email", **self._asking(email))
                except httpx.ConnectError:
                    return
                assert (response.status_code, response.json()["statusCode"]) == (200, 200)
                self.asked.append(email)
                answered()

    def _asking(self, email: str) -> dict[str, Any]:
        body = {"email": email, "channel": "CHANNEL_LOGIN"}
        return {"json": body, "headers": {"x-authing-app-id": self._shop.app_id}}


@pytest.mark.parametrize(("workers", "drain"), [(1, 0), (2, 1)])
async def test_nobody_under_load_loses_a_request_or_a_mail(
    tmp_path: Path, workers: int, drain: int
) -> None:
    async with SmtpSink() as sink:
        env = environment(tmp_path, SMTP_URL=sink.url, DRAIN_SECONDS=str(drain))
        shop = await asyncio.to_thread(Shop.opened, env)
        await asyncio.to_thread(roomy, shop)
        words = ("--workers", str(workers))
        with await asyncio.to_thread(ServerProcess, tmp_path, env, *words) as server:
            count = itertools.count(1)

            def answered() -> None:
                if next(count) == ANSWERS_BEFORE:
                    server.process.send_signal(signal.SIGTERM)

            names = itertools.count()
            clients = [Client(shop, server.url, bool(n % 2)) for n in range(CLIENTS)]
            runs = (
                client.run(lambda: f"a{next(names)}@example.com", answered) for client in clients
            )
            await asyncio.gather(*runs)
            status = await asyncio.to_thread(server.process.wait, FAREWELL_SECONDS)
        assert status == 0 and "Traceback" not in server.log()
        asked = sorted(email for client in clients for email in client.asked)
        assert len(asked) >= ANSWERS_BEFORE
        kept = outbox(tmp_path)
        # What was answered has its mail, and nothing else has.
        assert sorted(recipient for recipient, _, _ in kept) == asked
        # Each went out, or waits for the next worker without anybody holding it.
        sent = {mail.recipients[0] for mail in sink.mails}
        for recipient, state, leased_until in kept:
            assert (state == "sent" and recipient in sent) or (state, leased_until) == ("queued", 0)


async def test_a_mail_under_way_is_given_back(tmp_path: Path) -> None:
    async with SmtpSink() as sink:
        sink.plan(("DATA", "hang"))
        env = environment(tmp_path, SMTP_URL=sink.url)
        shop = await asyncio.to_thread(Shop.opened, env)
        with await asyncio.to_thread(ServerProcess, tmp_path, env) as server:
            asking = {"email": "ann@example.com", "channel": "CHANNEL_LOGIN"}
            await asyncio.to_thread(shop.post, server.url, "send-email", asking)
            await sink.until(lambda sink: any("DATA" in line for line in sink.commands))
            assert await asyncio.to_thread(server.stop) == 0
        assert outbox(tmp_path) == [("ann@example.com", "queued", 0)]
        sink.release()


def roomy(shop: Shop) -> None:
    changes = ("limits.sendsPerClientHour=1000000",)
    told(shop.env, "pool", "set", shop.pool_id, *changes)


def outbox(folder: Path) -> list[tuple[str, str, int]]:
    """Every mail: to whom, what became of it, and until when somebody holds it."""
    database = sqlite3.connect(folder / "data" / "gatepost.db")
    try:
        return database.execute("SELECT recipient, state, leased_until FROM outbox").fetchall()
    finally:
        database.close()
