"""What every change of an account by its owner begins with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gatepost.storage import sessions, users
from gatepost.storage.database import Transaction
from gatepost.storage.statement import sql
from tests.support.backstage import OK, SESSION_ENDED, USER_SUSPENDED, rows, said
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


SUSPEND = sql("UPDATE users SET status = 'Suspended' WHERE id = :id")


async def suspend(tx: Transaction, user_id: str) -> None:
    await tx.run(SUSPEND, id=user_id)


@pytest.mark.parametrize(
    ("what", "refused"), [(sessions.end_all, SESSION_ENDED), (suspend, USER_SUSPENDED)]
)
async def test_what_ends_while_a_change_waits_changes_nothing(
    world: World, what: Callable[[Transaction, str], Awaitable[object]], refused: tuple[int, int]
) -> None:
    ann = await world.person("ann")
    body = {"email": "ann@example.com", "channel": "CHANNEL_BIND_EMAIL"}
    assert said(await world.post("/api/v3/send-email", body, app=ann.app)) == OK
    code = await world.code("ann@example.com")
    held = asyncio.Event()

    async def meanwhile(tx: Transaction) -> None:
        await users.lock(tx, ann.user_id)
        held.set()
        await somebody_waits(world)
        await what(tx, ann.user_id)

    ending = asyncio.create_task(world.database.unit(meanwhile))
    await held.wait()
    answer = await ann.binds("ann@example.com", code)
    await ending
    assert said(answer) == refused
    found = await rows(world, "SELECT email FROM users WHERE id = :id", id=ann.user_id)
    assert found == [(None,)]
