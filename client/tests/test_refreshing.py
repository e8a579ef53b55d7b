"""New tokens in time, and once for all who wait."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from client.tests.conftest import APP_ID, Connect
from client.tests.scripted import Act, Drop, Say, ScriptedServer, Seen, done, refused, told
from gatepost_client import AsyncAuthenticationClient, AuthenticationClient, LoginTokens, refusals
from gatepost_client.holding import HeldTokens
from gatepost_client.records import record

MANY = 12


class Bank:
    """Knows one pair of tokens at a time, as a server does."""

    def __init__(self, expires_in: int = 3600) -> None:
        self.number, self.expires_in = 0, expires_in
        self.refreshes: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, seen: Seen) -> Act:
        with self._lock:
            if seen.path == "/oidc/token":
                (shown,) = seen.form["refresh_token"]
                self.refreshes.append(shown)
                if shown != f"refresh-{self.number}":
                    return told(error="invalid_grant", http_status=400)
                self.number += 1
                return told(
                    access_token=f"access-{self.number}",
                    refresh_token=f"refresh-{self.number}",
                    expires_in=self.expires_in,
                )
            if seen.headers.get("authorization") != f"Bearer access-{self.number}":
                return refused(401, 2206)
            return done({"userId": "u"})


def test_a_session_goes_on(connect: Connect, server: ScriptedServer) -> None:
    server.decide, kept = Bank(), []
    client = connect(access_token="stale", refresh_token="refresh-0", on_tokens=kept.append)
    assert client.get_profile().data.user_id == "u"
    assert server.paths() == ["/api/v3/get-profile", "/oidc/token", "/api/v3/get-profile"]
    assert [tokens.refresh_token for tokens in kept] == ["refresh-1"]
    client.bind_email("123456", "ann@example.com")  # with the token that it has now
    assert len(server.seen) == 4
    assert server.seen[1].form["client_id"] == [APP_ID]
    assert "authorization" not in server.seen[1].headers


def test_without_an_access_token_it_begins_with_having_one(
    connect: Connect, server: ScriptedServer
) -> None:
    server.decide = Bank()
    connect(refresh_token="refresh-0").get_profile()
    assert server.paths() == ["/oidc/token", "/api/v3/get-profile"]


def test_what_a_sign_in_answered_can_be_held(client: Any, server: ScriptedServer) -> None:
    server.decide = Bank()
    tokens = {"access_token": "old", "refresh_token": "refresh-0", "expires_in": 0}
    client.set_tokens(record(LoginTokens)(tokens))
    client.get_profile()
    assert server.paths() == ["/oidc/token", "/api/v3/get-profile"]  # nobody was asked in vain
    client.set_access_token("access-1")
    client.get_profile()
    client.set_access_token("other")
    with pytest.raises(refusals.SessionEnded):
        client.get_profile()
    assert server.paths()[2:] == ["/api/v3/get-profile"] * 2


def test_a_refresh_token_that_is_worth_nothing_is_tried_once(
    connect: Connect, server: ScriptedServer
) -> None:
    server.decide = bank = Bank()
    client = connect(access_token="stale", refresh_token="stolen and used".replace(" ", "-"))
    for _ in range(2):
        with pytest.raises(refusals.SessionEnded):
            client.get_profile()
    assert len(bank.refreshes) == 1


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (Say(b"", 500), refusals.ServerDefect),
        (told(error="invalid_client", http_status=401), refusals.ClientUnauthenticated),
    ],
)
def test_other_trouble_is_told_and_costs_no_refresh_token(
    connect: Connect, server: ScriptedServer, act: Act, said: type[refusals.Refusal]
) -> None:
    given = {"access_token": "access-0", "refresh_token": "refresh-0", "retries": 0}
    client = connect(**given)
    server.then(refused(401, 2206), act)
    with pytest.raises(said):
        client.get_profile()
    server.then(refused(401, 2206), act)
    answer = connect(**given, raise_for_status=False).get_profile()
    assert isinstance(answer.refusal(), said)
    assert client._held.refresh_token == "refresh-0"


def test_a_lost_answer_to_a_refresh_is_asked_for_again(
    connect: Connect, server: ScriptedServer
) -> None:
    fresh = told(access_token="new", refresh_token="r2")
    server.then(refused(401, 2020), Drop(), fresh, done())
    connect(access_token="old", refresh_token="r1").bind_email("123456", "ann@example.com")
    assert [seen.form["refresh_token"] for seen in server.seen[1:3]] == [["r1"], ["r1"]]


@pytest.mark.parametrize(("status", "code"), [(401, 90003), (401, 2011), (403, 2333), (404, None)])
def test_other_refusals_refresh_nothing(
    connect: Connect, server: ScriptedServer, status: int, code: int | None
) -> None:
    server.then(refused(status, code))
    with pytest.raises(refusals.Refusal):
        connect(access_token="a", refresh_token="r").bind_email("1", "ann@example.com")
    assert len(server.seen) == 1


def test_nobody_else_is_refreshed(connect: Connect, server: ScriptedServer) -> None:
    server.then(refused(401))
    with pytest.raises(refusals.ClientUnauthenticated):
        connect(access_token="a", refresh_token="r").sign_in_by_account_password("ann", "x")
    assert len(server.seen) == 1


def test_many_threads_refresh_once(server: ScriptedServer) -> None:
    server.decide = bank = Bank()
    with (
        AuthenticationClient(
            APP_ID, server.url, access_token="stale", refresh_token="refresh-0"
        ) as client,
        ThreadPoolExecutor(MANY) as pool,
    ):
        everybody = threading.Barrier(MANY)

        def look() -> str:
            everybody.wait(10)
            return client.get_profile().data.user_id

        asked = [pool.submit(look) for _ in range(MANY)]
        assert [each.result(10) for each in asked] == ["u"] * MANY
    assert bank.refreshes == ["refresh-0"]


async def test_many_tasks_refresh_once(server: ScriptedServer) -> None:
    server.decide = bank = Bank()
    async with AsyncAuthenticationClient(
        APP_ID, server.url, access_token="stale", refresh_token="refresh-0"
    ) as client:
        answers = await asyncio.gather(*(client.get_profile() for _ in range(MANY)))
    assert [answer.data.user_id for answer in answers] == ["u"] * MANY
    assert bank.refreshes == ["refresh-0"]


async def test_a_task_that_is_cancelled_leaves_the_way_free(server: ScriptedServer) -> None:
    server.decide = bank = Bank()
    async with AsyncAuthenticationClient(
        APP_ID, server.url, access_token="stale", refresh_token="refresh-0"
    ) as client:
        first = asyncio.create_task(client.get_profile())
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await client.get_profile()).ok
    assert bank.number == 1


def test_an_access_token_is_refreshed_a_little_early() -> None:
    now = [0.0]
    held = HeldTokens(clock=lambda: now[0])
    held.hold("a", "r", 3600)
    now[0] = 3589
    assert not held.stale()
    now[0] = 3590
    assert held.stale()
    held.hold("a", None, 3600)
    now[0] = 10_000
    assert not held.stale()  # there is no other to be had
    held.hold("a", "r", 4)  # so short a life is not all taken away
    assert not held.stale()
    now[0] += 2
    assert held.stale()


def test_a_server_that_keeps_refresh_tokens_means_them_to_stay() -> None:
    held = HeldTokens("a", "r")
    held.renewed(record(LoginTokens)({"access_token": "b"}))
    assert (held.access_token, held.refresh_token) == ("b", "r")
