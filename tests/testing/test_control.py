"""The emulator's doors are open to its own tests and to nobody else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from gatepost.testing import Emulator
from gatepost.testing.clock import MovableClock
from gatepost.testing.control import Control
from gatepost.testing.post import Post
from gatepost.testing.stage import Stage
from tests.support.world import World

PATHS = [route.path for route in Control("", MovableClock(), Post(), Stage()).routes()]


def call(emulator: Emulator, path: str, **headers: str) -> httpx.Response:
    """Call a door with a body that all of them take."""
    body: dict[str, Any] = {"seconds": 5, "userPoolId": "x", "to": "x", "settings": {}}
    with httpx.Client(base_url=emulator.announced["host"], trust_env=False) as client:
        return client.post(path, json=body | {"appId": "x"}, headers=headers)


def bearer(emulator: Emulator) -> dict[str, str]:
    return {"authorization": f"Bearer {emulator.announced['controlSecret']}"}


@pytest.mark.parametrize("path", PATHS)
def test_without_the_secret_there_is_nothing_here(gatepost_emulator: Emulator, path: str) -> None:
    secret = gatepost_emulator.announced["controlSecret"]
    for shown in ("", "Bearer", f"Bearer {secret[:-1]}", f"Bearer {secret}x", secret):
        answer = call(gatepost_emulator, path, authorization=shown)
        assert answer.status_code == 404
    assert call(gatepost_emulator, path).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_what_strangers_bring_is_not_even_looked_at(gatepost_emulator: Emulator, path: str) -> None:
    host = gatepost_emulator.announced["host"]
    answer = httpx.post(f"{host}{path}", content=b"{", trust_env=False)
    assert answer.status_code == 404


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "sign", [{"x-forwarded-for": "127.0.0.1"}, {"via": "1.1 proxy"}, {"host": "rebound.example"}]
)
def test_with_the_secret_but_from_afar_neither(
    gatepost_emulator: Emulator, path: str, sign: dict[str, str]
) -> None:
    answer = call(gatepost_emulator, path, **bearer(gatepost_emulator), **sign)
    assert answer.status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_a_page_in_a_browser_cannot_ask(gatepost_emulator: Emulator, path: str) -> None:
    host = gatepost_emulator.announced["host"]
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    answer = httpx.options(f"{host}{path}", headers=asked, trust_env=False)
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
async def test_a_server_that_serves_has_no_such_door(world: World, path: str) -> None:
    answer = await world.http.post(path, json={}, headers={"authorization": "Bearer x"})
    nowhere = await world.http.post("/nowhere", json={})
    assert answer.status_code == nowhere.status_code == 404
    assert answer.json()["message"] == nowhere.json()["message"]


def test_what_is_wrong_in_a_call_is_named(gatepost_emulator: Emulator) -> None:
    door = f"{gatepost_emulator.announced['controlUrl']}/advance-clock"
    answer = httpx.post(
        door, json={"seconds": "soon"}, headers=bearer(gatepost_emulator), trust_env=False
    )
    assert answer.json()["statusCode"] == 400 and "seconds" in answer.json()["message"]
