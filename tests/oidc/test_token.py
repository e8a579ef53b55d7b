"""`POST /oidc/token`: a refresh token for new tokens."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from joserfc import jws

from gatepost.credentials.tokens import AccessClaims
from tests.support.backstage import change, rows, set_status
from tests.support.oauth import (
    INTROSPECTION,
    INVALID_GRANT,
    OFFLINE,
    error_of,
    looks_at,
    refreshes,
    signs_in_offline,
)
from tests.support.world import World

DAY = 86_400


def claims_of(world: World, token: str) -> AccessClaims:
    claims = world.context.key_store.keyring.verify_access_token(token, world.clock())
    assert isinstance(claims, AccessClaims)
    return claims


async def test_a_refresh_token_gets_new_tokens_of_the_same_session(still: World) -> None:
    ann = await still.person("ann", sign_in=False)
    first = await signs_in_offline(ann)
    still.clock.advance(60)
    response = await refreshes(still, ann.app, first["refresh_token"])
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    fresh = response.json()
    assert set(fresh) == {
        "access_token",
        "id_token",
        "refresh_token",
        "token_type",
        "expires_in",
        "scope",
    }
    assert (fresh["token_type"], fresh["expires_in"]) == ("Bearer", 14 * DAY)
    assert fresh["scope"] == first["scope"] == OFFLINE
    assert fresh["refresh_token"] != first["refresh_token"]
    old, new = (claims_of(still, tokens["access_token"]) for tokens in (first, fresh))
    assert (new.sid, new.sub, new.aud) == (old.sid, ann.user_id, ann.app.app_id)
    assert (new.iat, new.exp - new.iat) == (old.iat + 60, 14 * DAY)
    assert new.jti != old.jti
    for token in (first["access_token"], fresh["access_token"]):
        ann.token = token
        assert (await ann.get("/api/v3/get-profile"))["statusCode"] == 200


async def test_without_offline_access_there_is_no_refresh_token(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    assert "refresh_token" not in (await ann.sign_in(scope="openid"))["data"]


async def test_the_id_token_still_says_when_ann_signed_in(still: World) -> None:
    ann = await still.person("ann", sign_in=False)
    first = await signs_in_offline(ann)
    signed_in_at = still.clock() // 1000
    still.clock.advance(DAY)
    fresh = (await refreshes(still, ann.app, first["refresh_token"])).json()
    told: dict[str, Any] = _payload(fresh["id_token"])
    assert (told["auth_time"], told["iat"]) == (signed_in_at, signed_in_at + DAY)
    assert (told["sub"], told["aud"]) == (ann.user_id, ann.app.app_id)


def _payload(token: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(jws.extract_compact(token.encode()).payload)
    return told


async def test_a_lost_answer_can_be_had_again_for_half_a_minute(still: World) -> None:
    ann = await still.person("ann", sign_in=False)
    shown = (await signs_in_offline(ann))["refresh_token"]
    first = (await refreshes(still, ann.app, shown)).json()
    still.clock.advance(30)
    again = (await refreshes(still, ann.app, shown)).json()
    assert again["refresh_token"] == first["refresh_token"]
    third = await refreshes(still, ann.app, again["refresh_token"])
    assert third.json()["refresh_token"] not in (shown, first["refresh_token"])


async def test_a_used_token_that_is_shown_later_ends_the_session(still: World) -> None:
    ann = await still.person("ann", sign_in=False)
    shown = (await signs_in_offline(ann))["refresh_token"]
    fresh = (await refreshes(still, ann.app, shown)).json()
    ann.token = fresh["access_token"]
    still.clock.advance(30.001)
    assert error_of(await refreshes(still, ann.app, shown)) == INVALID_GRANT
    assert (await ann.get("/api/v3/get-profile"))["apiCode"] == 2206
    assert error_of(await refreshes(still, ann.app, fresh["refresh_token"])) == INVALID_GRANT


async def test_a_theft_in_one_session_leaves_the_others_alone(still: World) -> None:
    ann = await still.person("ann", sign_in=False)
    stolen = (await signs_in_offline(ann))["refresh_token"]
    other = await signs_in_offline(ann)
    await refreshes(still, ann.app, stolen)
    still.clock.advance(31)
    assert error_of(await refreshes(still, ann.app, stolen)) == INVALID_GRANT
    assert (await ann.get("/api/v3/get-profile"))["statusCode"] == 200
    assert (await refreshes(still, ann.app, other["refresh_token"])).status_code == 200


async def test_many_at_once_get_one_successor(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    shown = (await signs_in_offline(ann))["refresh_token"]
    calls = [refreshes(world, ann.app, shown) for _ in range(8)]
    responses = await asyncio.gather(*calls)
    assert {response.status_code for response in responses} == {200}
    assert len({response.json()["refresh_token"] for response in responses}) == 1
    kept = await rows(world, "SELECT count(*) FROM refresh_tokens")
    assert kept == [(2,)]


async def test_only_digests_of_tokens_are_kept(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    shown = (await signs_in_offline(ann))["refresh_token"]
    fresh = (await refreshes(world, ann.app, shown)).json()["refresh_token"]
    kept = str(await rows(world, "SELECT * FROM refresh_tokens"))
    assert shown not in kept and fresh not in kept


async def test_each_token_lives_for_thirty_days_of_its_own(still: World) -> None:
    ann = await still.person("ann", sign_in=False)
    first = (await signs_in_offline(ann))["refresh_token"]
    still.clock.advance(30 * DAY - 1)
    fresh = (await refreshes(still, ann.app, first)).json()
    ann.token = fresh["access_token"]
    still.clock.advance(14 * DAY - 1)
    assert (await ann.get("/api/v3/get-profile"))["statusCode"] == 200
    still.clock.advance(16 * DAY + 1)
    assert error_of(await refreshes(still, ann.app, fresh["refresh_token"])) == INVALID_GRANT


async def test_lifetimes_are_the_apps(still: World) -> None:
    app = await still.app(access_token_expires_in="7200", refresh_token_expires_in="3600")
    ann = await still.person("ann", app, sign_in=False)
    first = (await signs_in_offline(ann))["refresh_token"]
    still.clock.advance(3599)
    fresh = (await refreshes(still, app, first)).json()
    ann.token = fresh["access_token"]
    assert fresh["expires_in"] == 7200
    still.clock.advance(7199)  # what `expires_in` promised holds
    assert (await ann.get("/api/v3/get-profile"))["statusCode"] == 200
    assert error_of(await refreshes(still, app, fresh["refresh_token"])) == INVALID_GRANT


async def test_a_token_is_good_for_its_own_app_only(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    token = (await signs_in_offline(ann))["refresh_token"]
    other = await world.app(ann.app.pool_id)
    assert error_of(await refreshes(world, other, token)) == INVALID_GRANT
    assert (await refreshes(world, ann.app, token)).status_code == 200


async def test_what_is_no_refresh_token_is_no_grant(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    tokens = await signs_in_offline(ann)
    for shown in ("nonsense", tokens["access_token"], tokens["id_token"]):
        assert error_of(await refreshes(world, ann.app, shown)) == INVALID_GRANT


async def test_an_ended_session_and_a_suspended_account_get_nothing(still: World) -> None:
    ann = await still.person("ann", sign_in=False)
    token = (await signs_in_offline(ann))["refresh_token"]
    await set_status(still, ann.user_id, "Suspended")
    assert error_of(await refreshes(still, ann.app, token)) == INVALID_GRANT
    await set_status(still, ann.user_id, "Activated")
    still.clock.advance(60)  # what was refused did not use it up: it does not look stolen now
    assert (await refreshes(still, ann.app, token)).status_code == 200
    await change(still, "UPDATE sessions SET ended_at = 1")
    assert error_of(await refreshes(still, ann.app, token)) == INVALID_GRANT


async def test_a_used_refresh_token_is_not_active(still: World) -> None:
    ann = await still.person("ann", sign_in=False)
    token = (await signs_in_offline(ann))["refresh_token"]
    assert (await looks_at(still, ann.app, token))["active"] is True
    fresh = (await refreshes(still, ann.app, token)).json()["refresh_token"]
    assert await looks_at(still, ann.app, token) == {"active": False}
    assert (await looks_at(still, ann.app, fresh))["token_type"] == "refresh_token"
    assert (await still.http.get(INTROSPECTION)).status_code == 405
