"""Web pages may call if the pool allows their origin."""

from __future__ import annotations

import httpx

from tests.support.world import World

PAGE, STRANGER = "https://app.example.com", "https://mallory.example.net"
ALLOWED = "access-control-allow-origin"


async def test_a_pool_allows_its_own_pages_only(world: World) -> None:
    ann = await world.person("ann", await world.app(await world.pool(allowedOrigins=PAGE)))
    other = await world.person("bob", await world.app(await world.pool(allowedOrigins=STRANGER)))

    async def profile(token: str | None, origin: str | None) -> httpx.Response:
        headers = {"authorization": token or ""} | ({"origin": origin} if origin else {})
        return await world.http.get("/api/v3/get-profile", headers=headers)

    mine = await profile(ann.token, PAGE)
    assert mine.headers[ALLOWED] == PAGE
    assert mine.headers["access-control-allow-credentials"] == "true"
    assert "x-request-id" in mine.headers["access-control-expose-headers"]
    assert mine.headers["vary"] == "origin"
    for token, origin in (
        (ann.token, STRANGER),
        (other.token, PAGE),
        (ann.token, "null"),
        (ann.token, f"{PAGE}.mallory.example.net"),
        (ann.token, "http://app.example.com"),
        (ann.token, f"{PAGE}:8443"),
    ):
        answer = await profile(token, origin)
        assert ALLOWED not in answer.headers and answer.headers["vary"] == "origin"
    assert ALLOWED not in (await profile(ann.token, None)).headers
    refused = await profile("stale", PAGE)  # a page must be able to read that it is signed out
    assert refused.headers[ALLOWED] == PAGE and refused.json()["statusCode"] == 401
    for app, origin, readable in (
        (ann.app, PAGE, True),
        (other.app, PAGE, False),
        (ann.app, STRANGER, False),
    ):
        headers = {"origin": origin, "x-authing-app-id": app.app_id}
        answer = await world.http.post("/api/v3/send-email", headers=headers)
        assert (ALLOWED in answer.headers) is readable


async def test_a_preflight_says_what_may_be_sent(world: World) -> None:
    pool_id = await world.pool(allowedOrigins=PAGE)
    asked = {
        "origin": PAGE,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-authing-app-id",
    }
    answer = await world.http.options("/api/v3/bind-email", headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers[ALLOWED] == PAGE
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert "x-authing-app-id" in answer.headers["access-control-allow-headers"]
    strange = await world.http.options("/api/v3/bind-email", headers=asked | {"origin": STRANGER})
    assert ALLOWED not in strange.headers
    await world.set_pool(pool_id, allowedOrigins="")
    late = await world.http.options("/api/v3/bind-email", headers=asked)
    assert ALLOWED not in late.headers
