"""Alive, and able to work."""

from __future__ import annotations

from tests.support.backstage import change
from tests.support.world import World


async def test_a_server_is_alive_and_ready(world: World) -> None:
    alive = await world.http.get("/healthz")
    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    ready = await world.http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready", "storage": True, "migrations": True, "mail": True}


async def test_a_database_of_another_release_is_not_ready(world: World) -> None:
    await change(world, "UPDATE alembic_version SET version_num = '9999'")
    ready = await world.http.get("/readyz")
    assert ready.status_code == 503
    assert ready.json() == {
        "status": "not ready",
        "storage": True,
        "migrations": False,
        "mail": True,
    }
    assert (await world.http.get("/healthz")).status_code == 200
