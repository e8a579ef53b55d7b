"""What strangers send at length is neither worked on for long nor remembered."""

from __future__ import annotations

import asyncio
from typing import Any

from gatepost.api import caller
from gatepost.vocabulary import client_address
from tests.support.backstage import INVALID_REQUEST, WRONG_CREDENTIALS, said
from tests.support.pages import browsing
from tests.support.world import PASSWORD, World

MARKS = "a" + "\u0301" * 14_000 + "\u0316" * 14_000
"""Normalizing it takes seconds: the marks have to be put in order."""

SHORTER = "a" + "\u0301" * 4_500 + "\u0316" * 4_500
"""What fits a form."""

SECONDS = 10
"""A fraction of what all of it would take."""

LONG = "9" * 20_000


async def test_a_long_run_of_combining_marks_holds_nobody_up(world: World) -> None:
    app = await world.app(auth="none")

    async def says(path: str, payload: dict[str, Any]) -> tuple[int, int | None]:
        body = {"connection": "PASSWORD", "passwordPayload": payload}
        return said(await world.post(path, body, app=app))

    async with asyncio.timeout(SECONDS):
        for _ in range(4):
            for name in ("username", "account"):
                payload = {name: MARKS, "password": PASSWORD}
                assert await says("/api/v3/signin", payload) == WRONG_CREDENTIALS
            named = {"username": MARKS, "password": PASSWORD}
            assert await says("/api/v3/signup", named) == INVALID_REQUEST
            long = {"username": "ann", "password": MARKS}
            assert await says("/api/v3/signup", long) == INVALID_REQUEST


async def test_nor_does_one_on_a_page(world: World) -> None:
    app = await world.app(auth="none")
    with browsing(world) as browser:
        async with asyncio.timeout(SECONDS):
            for n in range(20):
                await browser.open("/login", app_id=app.app_id)
                page = await browser.send("/login", account=f"{n}{SHORTER}", password=PASSWORD)
                assert page.status_code == 422
                await browser.open("/signup", app_id=app.app_id)
                page = await browser.send("/signup", account=SHORTER, new_password=PASSWORD)
                assert page.status_code == 422
                await browser.open("/signup", app_id=app.app_id)
                page = await browser.send("/signup", account="ann", new_password=SHORTER)
                assert page.status_code == 422


async def test_what_is_long_is_not_remembered(world: World) -> None:
    assert client_address.client_address(" 192.0.2.1 ") == "192.0.2.1"
    before = client_address._ipv6.cache_info().currsize
    headers = dict.fromkeys(("x-real-ip", "x-genauth-lang", "accept-language"), LONG)
    answer = await world.http.get("/healthz", headers=headers | {"user-agent": LONG})
    assert answer.status_code == 200
    app = await world.app(auth="none")
    payload = {"username": "ann", "password": PASSWORD}
    body = {"connection": "PASSWORD", "passwordPayload": payload, "options": {"clientIp": LONG}}
    for _ in range(3):
        assert said(await world.post("/api/v3/signin", body, app=app)) == WRONG_CREDENTIALS
    assert client_address.client_address(LONG) is None
    assert client_address._ipv6.cache_info().currsize - before <= 1  # this test's own address
    assert caller._printable("x" * 300) == "x" * caller.LONGEST_USER_AGENT
