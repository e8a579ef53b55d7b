"""`POST /oidc/token/revocation` (RFC 7009)."""

from __future__ import annotations

import pytest

from tests.support.backstage import rows, said
from tests.support.oauth import (
    INVALID_CLIENT,
    INVALID_GRANT,
    INVALID_REQUEST,
    REVOCATION,
    error_of,
    in_body,
    in_header,
    looks_at,
    refreshes,
    signs_in_offline,
)
from tests.support.world import App, World

SESSION_ENDED = (401, 2206)


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_either_token_ends_the_session_at_once(world: World, kind: str) -> None:
    ann = await world.person("ann", sign_in=False)
    kept = (await ann.sign_in())["data"]["access_token"]
    tokens = await signs_in_offline(ann)
    response = await world.http.post(REVOCATION, data={"token": tokens[kind]} | in_body(ann.app))
    assert (response.status_code, response.json()) == (200, {})
    assert said(await ann.get("/api/v3/get-profile")) == SESSION_ENDED
    assert error_of(await refreshes(world, ann.app, tokens["refresh_token"])) == INVALID_GRANT
    ann.token = kept  # her other session goes on
    assert (await ann.get("/api/v3/get-profile"))["statusCode"] == 200


async def test_a_token_that_is_refreshed_can_be_revoked_by_the_one_it_came_from(
    world: World,
) -> None:
    ann = await world.person("ann", sign_in=False)
    first = (await signs_in_offline(ann))["refresh_token"]
    fresh = (await refreshes(world, ann.app, first)).json()
    await world.http.post(REVOCATION, data={"token": first} | in_body(ann.app))
    assert await looks_at(world, ann.app, fresh["access_token"]) == {"active": False}


async def test_an_unknown_token_is_as_good_as_an_ended_one(world: World) -> None:
    ann = await world.person("ann")
    for token in ("nonsense", ann.token, ann.token):
        response = await world.http.post(REVOCATION, data={"token": token} | in_body(ann.app))
        assert (response.status_code, response.json()) == (200, {})
    logged = await rows(world, "SELECT user_id FROM audit_log WHERE event = 'logout'")
    assert logged == [(ann.user_id,)]


async def test_tokens_of_other_apps_are_left_alone(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    tokens = await signs_in_offline(ann)
    mallory = await world.app(ann.app.pool_id)
    for name in ("access_token", "refresh_token"):
        fields = {"token": tokens[name]} | in_body(mallory)
        assert (await world.http.post(REVOCATION, data=fields)).status_code == 200
    assert (await ann.get("/api/v3/get-profile"))["statusCode"] == 200
    assert (await refreshes(world, ann.app, tokens["refresh_token"])).status_code == 200


@pytest.mark.parametrize("auth", ["client_secret_post", "client_secret_basic"])
async def test_an_app_with_a_secret_must_show_it(world: World, auth: str) -> None:
    ann = await world.person("ann", await world.app(auth=auth))
    app, token = ann.app, {"token": ann.token}
    wrong = in_body(App(app.pool_id, app.app_id, "0" * 32))
    for fields in (token | {"client_id": app.app_id}, token | wrong, token):
        assert error_of(await world.http.post(REVOCATION, data=fields)) == INVALID_CLIENT
    assert (await ann.get("/api/v3/get-profile"))["statusCode"] == 200
    done = await world.http.post(REVOCATION, data=token, headers=in_header(app))
    assert done.status_code == 200
    assert said(await ann.get("/api/v3/get-profile")) == SESSION_ENDED


async def test_an_app_without_a_secret_names_itself(world: World) -> None:
    ann = await world.person("ann", await world.app(auth="none"))
    fields = {"token": ann.token, "client_id": ann.app.app_id}
    assert (await world.http.post(REVOCATION, data=fields)).status_code == 200
    assert said(await ann.get("/api/v3/get-profile")) == SESSION_ENDED


async def test_the_token_in_the_form_is_meant_and_none_in_the_header(world: World) -> None:
    ann = await world.person("ann")
    bob = await world.person("bob", ann.app)
    fields, headers = {"token": ann.token} | in_body(ann.app), {"authorization": bob.token or ""}
    assert (await world.http.post(REVOCATION, data=fields, headers=headers)).status_code == 200
    assert said(await ann.get("/api/v3/get-profile")) == SESSION_ENDED
    assert (await bob.get("/api/v3/get-profile"))["statusCode"] == 200


async def test_a_token_must_be_named(world: World) -> None:
    proof = in_body(await world.app())
    assert error_of(await world.http.post(REVOCATION, data=proof)) == INVALID_REQUEST
