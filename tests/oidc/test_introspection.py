"""`POST /oidc/token/introspection` (RFC 7662)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.backstage import set_status
from tests.support.oauth import (
    INTROSPECTION,
    INVALID_CLIENT,
    INVALID_REQUEST,
    OFFLINE,
    error_of,
    in_body,
    in_header,
    looks_at,
    refreshes,
    signs_in_offline,
)
from tests.support.world import App, World

DAY = 86_400
INACTIVE: dict[str, Any] = {"active": False}


async def test_what_a_good_token_says(still: World) -> None:
    ann = await still.person("ann", sign_in=False)
    tokens = await signs_in_offline(ann)
    told = await looks_at(still, ann.app, tokens["access_token"])
    assert told.pop("jti")
    now = still.clock() // 1000
    common = {
        "active": True,
        "sub": ann.user_id,
        "client_id": ann.app.app_id,
        "iat": now,
        "iss": "http://127.0.0.1/oidc",
        "scope": OFFLINE,
    }
    assert told == common | {"exp": now + 14 * DAY, "token_type": "Bearer"}
    told = await looks_at(still, ann.app, tokens["refresh_token"])
    assert told == common | {"exp": now + 30 * DAY, "token_type": "refresh_token"}


async def test_a_hint_is_taken_and_does_not_mislead(world: World) -> None:
    ann = await world.person("ann")
    fields = {"token": ann.token, "token_type_hint": "refresh_token"} | in_body(ann.app)
    assert (await world.http.post(INTROSPECTION, data=fields)).json()["active"] is True


async def test_whatever_is_not_good_is_only_not_active(still: World) -> None:
    ann = await still.person("ann", sign_in=False)
    tokens = await signs_in_offline(ann)
    for token in ("nonsense", "a.b.c", tokens["id_token"], tokens["access_token"][:-1]):
        assert await looks_at(still, ann.app, token) == INACTIVE
    still.clock.advance(14 * DAY)
    assert await looks_at(still, ann.app, tokens["access_token"]) == INACTIVE
    assert (await looks_at(still, ann.app, tokens["refresh_token"]))["active"] is True
    still.clock.advance(16 * DAY)
    assert await looks_at(still, ann.app, tokens["refresh_token"]) == INACTIVE


async def test_only_the_app_itself_learns_of_a_token(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    tokens = await signs_in_offline(ann)
    neighbour, stranger = await world.app(ann.app.pool_id), await world.app()
    for app in (neighbour, stranger):
        for name in ("access_token", "refresh_token"):
            assert await looks_at(world, app, tokens[name]) == INACTIVE
    assert (await looks_at(world, ann.app, tokens["access_token"]))["active"] is True


@pytest.mark.parametrize("auth", ["none", "client_secret_post", "client_secret_basic"])
async def test_the_app_must_show_its_secret(world: World, auth: str) -> None:
    ann = await world.person("ann", await world.app(auth=auth))
    app, token = ann.app, {"token": ann.token}
    named = await world.http.post(INTROSPECTION, data=token | {"client_id": app.app_id})
    assert error_of(named) == INVALID_CLIENT
    wrong = App(app.pool_id, app.app_id, "0" * 32)
    refused = await world.http.post(INTROSPECTION, data=token | in_body(wrong))
    assert error_of(refused) == INVALID_CLIENT
    refused = await world.http.post(INTROSPECTION, data=token, headers=in_header(wrong))
    assert error_of(refused) == INVALID_CLIENT
    for fields, headers in ((token | in_body(app), {}), (token, in_header(app))):
        response = await world.http.post(INTROSPECTION, data=fields, headers=headers)
        assert response.json()["active"] is True


async def test_leniency_at_sign_in_is_none_here(world: World) -> None:
    app = await world.app(lenientClientAuth="true")
    ann = await world.person("ann", app)
    fields = {"token": ann.token, "client_id": app.app_id}
    assert error_of(await world.http.post(INTROSPECTION, data=fields)) == INVALID_CLIENT


async def test_an_ended_session_is_seen_at_once(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    tokens = await signs_in_offline(ann)
    both = (tokens["access_token"], tokens["refresh_token"])
    await set_status(world, ann.user_id, "Suspended")
    assert [await looks_at(world, ann.app, token) for token in both] == [INACTIVE] * 2
    await set_status(world, ann.user_id, "Activated")
    assert [(await looks_at(world, ann.app, token))["active"] for token in both] == [True] * 2
    fields = {"token": tokens["access_token"]} | in_body(ann.app)
    await world.http.post("/oidc/token/revocation", data=fields)
    assert [await looks_at(world, ann.app, token) for token in both] == [INACTIVE] * 2


async def test_after_a_refresh_the_older_access_token_is_still_good(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    tokens = await signs_in_offline(ann)
    fresh = (await refreshes(world, ann.app, tokens["refresh_token"])).json()
    for token in (tokens["access_token"], fresh["access_token"]):
        assert (await looks_at(world, ann.app, token))["active"] is True


async def test_another_token_in_the_header_neither_helps_nor_harms(world: World) -> None:
    ann = await world.person("ann")
    bob = await world.person("bob", ann.app)
    for stray in (bob.token or "", f"Bearer {bob.token}", "a.b.c"):
        headers = {"authorization": stray}
        fields = {"token": ann.token} | in_body(ann.app)
        response = await world.http.post(INTROSPECTION, data=fields, headers=headers)
        assert response.json()["sub"] == ann.user_id
        bare = await world.http.post(INTROSPECTION, data={"token": ann.token}, headers=headers)
        assert error_of(bare) == INVALID_CLIENT


async def test_a_token_must_be_named(world: World) -> None:
    proof = in_body(await world.app())
    for fields in (proof, proof | {"token": ""}):
        assert error_of(await world.http.post(INTROSPECTION, data=fields)) == INVALID_REQUEST
