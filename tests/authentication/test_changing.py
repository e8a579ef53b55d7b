"""What every change of an account by its owner begins with."""

from __future__ import annotations

import asyncio

from gatepost.storage import sessions, users
from gatepost.storage.database import Transaction
from tests.support.backstage import OK, SESSION_ENDED, rows, said
from tests.support.world import World

_WAITING = (
    "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


async def somebody_waits(world: World) -> None:
    """Until a unit waits for what another one holds; on SQLite it waits for the whole unit."""
    if world.settings.database_url.startswith("sqlite"):
        return
    async with asyncio.timeout(3):
        while not await rows(world, _WAITING):  # each look is a round trip
            pass


async def test_a_session_that_ends_while_a_change_waits_changes_nothing(world: World) -> None:
    ann = await world.person("ann")
    body = {"email": "ann@example.com", "channel": "CHANNEL_BIND_EMAIL"}
    assert said(await world.post("/api/v3/send-email", body, app=ann.app)) == OK
    code = await world.code("ann@example.com")
    held = asyncio.Event()

    async def end_sessions(tx: Transaction) -> None:
        await users.lock(tx, ann.user_id)
        held.set()
        await somebody_waits(world)
        await sessions.end_all(tx, ann.user_id)

    ending = asyncio.create_task(world.database.unit(end_sessions))
    await held.wait()
    answer = await ann.binds("ann@example.com", code)
    await ending
    assert said(answer) == SESSION_ENDED
    found = await rows(world, "SELECT email FROM users WHERE id = :id", id=ann.user_id)
    assert found == [(None,)]
