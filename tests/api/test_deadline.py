"""One time for all that a request waits for, one thing after another."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gatepost import deadline
from gatepost.api.http import Request
from gatepost.api.routing import Route, Table
from gatepost.api.server import Server
from gatepost.app import system_clock
from gatepost.context import Context
from gatepost.log import Log
from gatepost.settings import Settings
from tests.conftest import SERVER_KEYS
from tests.support.notes import kept, noting
from tests.support.world import World, new_world

ANSWER_SECONDS = 2.0
HELD_SECONDS = 1.2
"""Less than a request may take; twice as long is more."""

LONG = 60.0


@pytest.fixture
async def world(tmp_path: Path, password_hash: str) -> AsyncIterator[World]:
    """A running server on SQLite."""
    settings = Settings(data_dir=tmp_path, server_keys=SERVER_KEYS, log_level="error")
    async with new_world(settings) as world:
        yield world


class Rival:
    """Another process that writes to the same file."""

    def __init__(self, settings: Settings) -> None:
        path = settings.database.removeprefix("sqlite:///")
        self._connection = sqlite3.connect(path, isolation_level=None)

    def hold_the_lock(self) -> None:
        """Nobody else writes for a while from now on."""
        self._connection.execute("BEGIN IMMEDIATE")
        loop = asyncio.get_running_loop()
        loop.call_later(HELD_SECONDS, self._connection.execute, "ROLLBACK")

    def close(self) -> None:
        self._connection.close()


def calling(world: World, route: Route, answer_seconds: float) -> httpx.AsyncClient:
    """A client of a server that has only one door."""
    log = Log(system_clock, "error")
    server = Server(world.context, Table([route]), log, answer_seconds=answer_seconds)
    transport = httpx.ASGITransport(server)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=30)


@pytest.mark.parametrize(
    ("answer_seconds", "status", "done"),
    [(ANSWER_SECONDS, 503, ["one"]), (LONG, 200, ["one", "two"])],
)
async def test_units_that_wait_one_after_the_other_share_one_time(
    world: World, answer_seconds: float, status: int, done: list[str]
) -> None:
    rival = Rival(world.settings)

    async def twice(context: Context) -> None:
        await context.database.unit(noting("one"))
        rival.hold_the_lock()
        await context.database.unit(noting("two"))

    async with calling(world, Route("GET", "/twice", twice), answer_seconds) as http:
        rival.hold_the_lock()
        assert (await http.get("/twice")).status_code == status
    # Nothing of what was refused is done later.
    await world.database.unit(noting("later"))
    assert await kept(world.database) == sorted([*done, "later"])
    rival.close()


async def left(request: Request) -> list[float]:
    """How many seconds are left for an answer."""
    return [deadline.at_most(LONG), len(request.body)]


async def test_the_time_begins_when_the_request_is_there(world: World) -> None:
    there = asyncio.Event()

    async def slow_body() -> AsyncIterator[bytes]:
        yield b"{"
        asyncio.get_running_loop().call_later(HELD_SECONDS, there.set)
        await there.wait()
        yield b"}"

    async with calling(world, Route("POST", "/left", left, bare=True), ANSWER_SECONDS) as http:
        seconds, octets = (await http.post("/left", content=slow_body())).json()
    assert ANSWER_SECONDS - HELD_SECONDS < seconds <= ANSWER_SECONDS
    assert octets == len("{}")
    # It ended with the request.
    assert deadline.at_most(LONG) == LONG
