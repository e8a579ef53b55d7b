"""The shape of every answer, and the few that have an HTTP status of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from tests.support.backstage import OK, footprint, said
from tests.support.world import World

POSTS = (
    "/api/v3/signin",
    "/api/v3/send-email",
    "/api/v3/pre-check-code",
    "/api/v3/bind-email",
    "/api/v3/check-app-id-secret",
)
GETS = (
    "/api/v3/get-profile",
    "/api/v3/system",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/oidc/.well-known/openid-configuration",
    "/oidc/.well-known/jwks.json",
)


def is_envelope(response: httpx.Response, status: int) -> bool:
    body = response.json()
    assert UUID(body["requestId"]).version == 4
    assert response.headers["x-request-id"] == body["requestId"]
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert set(body) <= {"statusCode", "message", "apiCode", "requestId", "data"}
    assert body["message"] and isinstance(body["statusCode"], int)
    return (response.status_code, body["statusCode"]) == (status, status)


async def test_success_and_refusal_have_one_shape(world: World) -> None:
    ann = await world.person("ann")
    headers = {"authorization": ann.token or ""}
    done = await world.http.get("/api/v3/get-profile", headers=headers)
    assert is_envelope(done, 200)
    assert list(done.json()) == ["statusCode", "message", "requestId", "data"]
    assert done.json()["message"] == "Operation successful"
    refused = await world.http.get("/api/v3/get-profile")
    assert refused.status_code == 200 and not is_envelope(refused, 200)
    assert list(refused.json()) == ["statusCode", "message", "apiCode", "requestId"]
    ids = {(await world.get("/api/v3/get-profile"))["requestId"] for _ in range(5)}
    assert len(ids) == 5
    sent = await ann.asks_to_bind("ann@example.com")
    assert said(sent) == OK and "data" not in sent


async def test_what_is_no_business_answer_keeps_its_http_status(world: World) -> None:
    http = world.http
    for path in ("/api", "/api/v3/nothing", "/api/v3/signin/x", "/oidc", "/%00", "/é"):
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            assert is_envelope(await http.request(method, path), 404), (method, path)
    for path in POSTS:
        for method in ("GET", "PUT", "DELETE", "PATCH", "TRACE"):
            answer = await http.request(method, path)
            assert is_envelope(answer, 405)
            assert answer.headers["allow"] == "POST, OPTIONS"
    for path in GETS:
        answer = await http.post(path)
        assert is_envelope(answer, 405)
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


async def test_a_path_may_have_slashes_doubled_or_at_its_end(world: World) -> None:
    for path in ("//api/v3/system", "/api/v3/system/", "/api//v3///system//"):
        assert "rsa" in (await world.http.get(f"http://127.0.0.1{path}")).json()
    head = await world.http.head("/api/v3/system")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0


@pytest.mark.parametrize("path", POSTS)
async def test_bodies_have_a_size_and_a_type(world: World, path: str) -> None:
    ann = await world.person("ann", await world.app(auth="none"))
    headers = {"authorization": ann.token or "", "x-authing-app-id": ann.app.app_id}
    before = await footprint(world)

    async def post(body: bytes, **more: str) -> httpx.Response:
        given = headers | {name.replace("_", "-"): value for name, value in more.items()}
        return await world.http.post(path, content=body, headers=given)

    filler = b'{"filler": "' + b"x" * (65_536 - 14) + b'"}'
    assert len(filler) == 65_536
    assert is_envelope(await post(filler), 413)
    assert is_envelope(await post(filler * 40), 413)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * 4096

    assert is_envelope(await world.http.post(path, content=chunks(), headers=headers), 413)
    under = await post(filler[:-3] + b'"}')
    assert under.status_code == 200 and under.json()["statusCode"] == 400
    for stated in ("text/plain", "multipart/form-data; boundary=x", "application/xml", "json"):
        assert is_envelope(await post(b"{}", content_type=stated), 415), stated
        empty = await post(b"", content_type=stated)  # no body: then its type says nothing
        assert (empty.status_code, empty.json()["statusCode"]) == (200, 400)
    for stated in (
        "application/json",
        "application/json;charset=UTF-8",
        "APPLICATION/JSON; charset=utf-8",
        "application/vnd.api+json",
        "",
    ):
        answer = await post(b"{}", content_type=stated) if stated else await post(b"{}")
        assert (answer.status_code, answer.json()["statusCode"]) == (200, 400), stated
    assert await footprint(world) == before


async def test_a_form_is_as_good_as_json_and_may_end_in_an_ampersand(world: World) -> None:
    app = await world.app(auth="none")
    response = await world.http.post(
        "/api/v3/send-email",
        content=b"email=ann%40example.com&channel=CHANNEL_LOGIN&",
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "x-authing-app-id": app.app_id,
        },
    )
    assert is_envelope(response, 200)
    await world.mail.to("ann@example.com")
