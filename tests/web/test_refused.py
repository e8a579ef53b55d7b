"""What people are told where there is nothing to show: a page, whatever it was and wherever."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import httpx
import pytest

from gatepost.api.flood_guard import FloodGuard
from gatepost.api.routing import Route, Table
from gatepost.api.server import Server
from gatepost.log import Log
from gatepost.web.refused import as_pages
from gatepost.web.routes import WEB_ROUTES
from tests.support.links import words_of
from tests.support.world import World

PROGRAMS = ("/assets/", "/dev/mailbox.json", "/dev/mailbox/html")
"""What no person opens by themselves."""

FORM = {"content-type": "application/x-www-form-urlencoded"}


def asking(world: World, routes: Iterable[Route], guard: FloodGuard) -> httpx.AsyncClient:
    """A client of a server with the same parts, and other routes or patience."""
    server = Server(world.context, Table(routes), Log(world.clock, "error", BytesIO()), guard=guard)
    transport = httpx.ASGITransport(server, client=("127.0.0.1", 50_000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


@pytest.mark.parametrize(
    ("guard", "status", "words"),
    [
        (FloodGuard(most_of_one_client=0), 429, "Too many requests at once"),
        (FloodGuard(most_of_all=0), 503, "The server is busy"),
    ],
    ids=["one client", "everybody"],
)
async def test_a_flood_is_told_as_a_page_at_every_page(
    world: World, guard: FloodGuard, status: int, words: str
) -> None:
    async with asking(world, WEB_ROUTES, guard) as http:
        for route in WEB_ROUTES:
            answer = await http.request(route.method, route.path)
            assert answer.status_code == status and answer.headers["retry-after"] == "1"
            is_page = answer.headers["content-type"].startswith("text/html")
            assert is_page is not route.path.startswith(PROGRAMS), route.path
            assert not is_page or words in words_of(answer)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"a=" + b"x" * 65_536, FORM, 413),
        (b"hello", {"content-type": "text/plain"}, 415),
        (b"{", {"content-type": "application/json"}, 400),
    ],
    ids=["too large", "of another type", "of no sense"],
)
async def test_a_form_that_cannot_be_read_is_told_as_a_page(
    world: World, body: bytes, headers: dict[str, str], status: int
) -> None:
    for path in ("/login", "/account/email/bind", "/link/undo", "/oidc/consent"):
        answer = await world.http.post(path, content=body, headers=headers)
        assert answer.status_code == status
        assert "This did not work" in words_of(answer)


async def test_a_defect_is_told_as_a_page_with_the_number_to_tell(world: World) -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    async with asking(world, as_pages([Route("GET", "/broken", broken)]), FloodGuard()) as http:
        answer = await http.get("/broken")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in words_of(answer)
    assert answer.headers["x-request-id"] in words_of(answer)


async def test_a_refusal_speaks_the_language_that_was_chosen_in_the_browser(world: World) -> None:
    app = await world.app()
    await world.http.get("/login", params={"app_id": app.app_id, "lang": "ja", "switch": "1"})
    for path in ("/login?app_id=x", "/oidc/auth", "/link/undo?token=x"):
        answer = await world.http.get(path, headers={"accept-language": "en"})
        assert '<html lang="ja-JP">' in answer.text, path
