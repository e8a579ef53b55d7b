"""`POST /oidc/token` with an authorization code."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet, OctKey

from gatepost.credentials.tokens import half_hash
from tests.support.authorization import (
    BACK,
    ISSUER,
    VERIFIER,
    code_for,
    exchanges,
    shop,
    tokens_for,
)
from tests.support.backstage import rows, set_status
from tests.support.oauth import (
    INVALID_CLIENT,
    INVALID_GRANT,
    INVALID_REQUEST,
    TOKEN,
    error_of,
    in_header,
    looks_at,
    refreshes,
)
from tests.support.pages import browsing
from tests.support.world import App, Person, World

DAY = 86_400


async def ann_of(world: World, auth: str = "client_secret_post", **settings: str) -> Person:
    return await world.person("ann", await shop(world, auth=auth, **settings), sign_in=False)


async def active(world: World, app: App, token: str) -> bool:
    return bool((await looks_at(world, app, token))["active"])


async def test_a_code_gets_tokens(still: World) -> None:
    ann = await ann_of(still)
    with browsing(still) as browser:
        code = await code_for(browser, ann)
    signed_in_at = still.clock() // 1000
    still.clock.advance(30)
    response = await exchanges(still, ann.app, code)
    assert response.status_code == 200 and response.headers["cache-control"] == "no-store"
    tokens = response.json()
    assert set(tokens) == {"access_token", "id_token", "token_type", "expires_in", "scope"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 14 * DAY)
    assert tokens["scope"] == "openid profile"
    ann.token = tokens["access_token"]
    assert (await ann.get("/api/v3/get-profile"))["data"]["userId"] == ann.user_id
    keys = KeySet.import_key_set((await still.http.get(f"{ISSUER}/.well-known/jwks.json")).json())
    token = jws.deserialize_compact(tokens["id_token"], keys, ["RS256"])
    told: dict[str, Any] = json.loads(token.payload)
    assert (told["iss"], told["aud"], told["sub"]) == (ISSUER, ann.app.app_id, ann.user_id)
    assert (told["nonce"], told["auth_time"]) == ("a nonce", signed_in_at)
    assert told["at_hash"] == half_hash(tokens["access_token"])
    assert told["iat"] == signed_in_at + 30 and told["exp"] == told["iat"] + 14 * DAY
    assert told["sid"] == claims(tokens["access_token"])["sid"]
    assert told["preferred_username"] is None and "email" not in told


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(jws.extract_compact(token.encode()).payload)
    return found


def test_at_hash_is_the_left_half_of_a_hash() -> None:
    # The example of OpenID Connect Core 1.0, appendix A.3.
    assert half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y") == "77QmUPtjPfzWtF2AnpK9RQ"


async def test_an_app_may_want_its_own_key(world: World) -> None:
    ann = await ann_of(world, id_token_signed_response_alg="HS256")
    with browsing(world) as browser:
        tokens = await tokens_for(browser, ann)
    key = OctKey.import_key(ann.app.secret)
    told = json.loads(jws.deserialize_compact(tokens["id_token"], key, ["HS256"]).payload)
    assert told["nonce"] == "a nonce" and told["at_hash"]


async def test_without_a_nonce_there_is_none(world: World) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        assert "nonce" not in claims((await tokens_for(browser, ann, nonce=None))["id_token"])


async def test_access_while_ann_is_away(world: World) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        tokens = await tokens_for(browser, ann, scope="openid offline_access", prompt="consent")
    fresh = (await refreshes(world, ann.app, tokens["refresh_token"])).json()
    assert fresh["scope"] == "openid offline_access"
    told = claims(fresh["id_token"])
    assert told["sid"] == claims(tokens["id_token"])["sid"] and "nonce" not in told
    assert told["auth_time"] == claims(tokens["id_token"])["auth_time"]


async def test_a_code_is_good_once_and_a_second_use_takes_back_what_it_gave(world: World) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        code = await code_for(browser, ann, scope="openid offline_access")
        tokens = (await exchanges(world, ann.app, code)).json()
        assert await active(world, ann.app, tokens["access_token"])
        assert error_of(await exchanges(world, ann.app, code)) == INVALID_GRANT
        for kind in ("access_token", "refresh_token"):
            assert not await active(world, ann.app, tokens[kind])
        assert error_of(await refreshes(world, ann.app, tokens["refresh_token"])) == INVALID_GRANT
        # Ann stays signed in in her browser: it was not she who did it.
        assert await tokens_for(browser, ann)


async def test_a_second_use_counts_also_when_the_code_is_old(still: World) -> None:
    ann = await ann_of(still)
    with browsing(still) as browser:
        code = await code_for(browser, ann)
    tokens = (await exchanges(still, ann.app, code)).json()
    still.clock.advance(3600)
    assert error_of(await exchanges(still, ann.app, code)) == INVALID_GRANT
    assert not await active(still, ann.app, tokens["access_token"])


async def test_of_many_at_once_none_keeps_what_one_got(world: World) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        code = await code_for(browser, ann, scope="openid offline_access")
    responses = await asyncio.gather(*(exchanges(world, ann.app, code) for _ in range(8)))
    given = [response.json() for response in responses if response.status_code == 200]
    assert len(given) <= 1
    assert {error_of(r) for r in responses if r.status_code != 200} == {INVALID_GRANT}
    for tokens in given:
        assert not await active(world, ann.app, tokens["access_token"])
    assert await rows(world, "SELECT count(*) FROM sessions WHERE parent_id IS NOT NULL") == [(1,)]
    alive = "SELECT count(*) FROM sessions WHERE parent_id IS NOT NULL AND ended_at IS NULL"
    assert await rows(world, alive) == [(0,)]


async def test_a_code_lives_for_a_minute(still: World) -> None:
    ann = await ann_of(still)
    with browsing(still) as browser:
        first, second = await code_for(browser, ann), await code_for(browser, ann)
    still.clock.advance(59.999)
    assert (await exchanges(still, ann.app, first)).status_code == 200
    still.clock.advance(0.001)
    assert error_of(await exchanges(still, ann.app, second)) == INVALID_GRANT


async def test_only_a_digest_of_it_is_kept(world: World) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        code = await code_for(browser, ann)
    assert code not in str(await rows(world, "SELECT * FROM authorization_codes"))


class TestWhatIsShownWrong:
    """Each mistake uses the code up: whoever makes one has got it from somewhere."""

    @pytest.mark.parametrize(
        "wrong",
        [
            {"code_verifier": None},
            {"code_verifier": ""},
            {"code_verifier": VERIFIER[:-1] + "x"},
            {"code_verifier": VERIFIER + "x"},
            {"redirect_uri": f"{BACK}/"},
            {"redirect_uri": "https://mallory.example/"},
        ],
    )
    async def test_gets_nothing(self, world: World, wrong: dict[str, str | None]) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            code = await code_for(browser, ann)
        assert error_of(await exchanges(world, ann.app, code, **wrong)) == INVALID_GRANT
        assert error_of(await exchanges(world, ann.app, code)) == INVALID_GRANT

    async def test_a_verifier_without_a_challenge_is_a_downgrade(self, world: World) -> None:
        ann = await ann_of(world)
        without = {"code_challenge": None, "code_challenge_method": None}
        with browsing(world) as browser:
            taken_out = await code_for(browser, ann, **without)
            plain = await code_for(browser, ann, **without)
        assert error_of(await exchanges(world, ann.app, taken_out)) == INVALID_GRANT
        good = await exchanges(world, ann.app, plain, code_verifier=None)
        assert good.status_code == 200

    @pytest.mark.parametrize("field", ["code", "redirect_uri"])
    async def test_a_field_that_is_missing_costs_nothing(self, world: World, field: str) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            code = await code_for(browser, ann)
        refused = await exchanges(world, ann.app, code, **{field: None})
        assert error_of(refused) == INVALID_REQUEST
        assert (await exchanges(world, ann.app, code)).status_code == 200

    async def test_what_is_no_code_gets_nothing(self, world: World) -> None:
        ann = await ann_of(world)
        assert error_of(await exchanges(world, ann.app, "a guess")) == INVALID_GRANT


class TestWhoseCode:
    async def test_is_that_of_the_app_that_asked(self, world: World) -> None:
        ann = await ann_of(world)
        mallory = await shop(world, ann.app.pool_id)
        with browsing(world) as browser:
            code = await code_for(browser, ann)
        assert error_of(await exchanges(world, mallory, code)) == INVALID_GRANT
        assert (await exchanges(world, ann.app, code)).status_code == 200

    @pytest.mark.parametrize("lenient", ["false", "true"])
    async def test_is_proved_by_the_secret(self, world: World, lenient: str) -> None:
        ann = await ann_of(world, lenientClientAuth=lenient)
        with browsing(world) as browser:
            code = await code_for(browser, ann)
        bare = await exchanges(world, ann.app, code, client_secret=None)
        assert error_of(bare) == INVALID_CLIENT
        wrong = await exchanges(world, ann.app, code, client_secret="0" * 32)
        assert error_of(wrong) == INVALID_CLIENT
        assert (await exchanges(world, ann.app, code)).status_code == 200

    async def test_may_be_proved_in_the_header(self, world: World) -> None:
        ann = await ann_of(world, "client_secret_basic")
        with browsing(world) as browser:
            code = await code_for(browser, ann)
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
        proof = {"headers": in_header(ann.app)}
        done = await world.http.post(TOKEN, data=fields | {"code_verifier": VERIFIER}, **proof)
        assert done.status_code == 200

    async def test_is_proved_by_the_verifier_alone_where_there_is_no_secret(
        self, world: World
    ) -> None:
        ann = await ann_of(world, "none")
        with browsing(world) as browser:
            code = await code_for(browser, ann)
        assert (await exchanges(world, ann.app, code, client_secret=None)).status_code == 200


class TestTheBrowsersSession:
    async def test_that_has_ended_gives_nothing(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            code = await code_for(browser, ann)
            await browser.open("/oidc/session/end")
            await browser.send("/oidc/session/confirm")
        assert error_of(await exchanges(world, ann.app, code)) == INVALID_GRANT

    async def test_of_a_suspended_account_gives_nothing(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            code = await code_for(browser, ann)
        await set_status(world, ann.user_id, "Suspended")
        assert error_of(await exchanges(world, ann.app, code)) == INVALID_GRANT

    async def test_ends_those_that_apps_began_in_it(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            tokens = await tokens_for(browser, ann, scope="openid offline_access")
            await browser.open("/oidc/session/end")
            await browser.send("/oidc/session/confirm")
        for kind in ("access_token", "refresh_token"):
            assert not await active(world, ann.app, tokens[kind])

    async def test_of_ann_is_taken_over_by_her_next_one(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            first = await tokens_for(browser, ann)
            assert await tokens_for(browser, ann, prompt="login")
            assert await active(world, ann.app, first["access_token"])
            await browser.open("/oidc/session/end")
            await browser.send("/oidc/session/confirm")
        assert not await active(world, ann.app, first["access_token"])

    async def test_of_ann_ends_when_bob_signs_in(self, world: World) -> None:
        ann = await ann_of(world)
        bob = await world.person("bob", ann.app, sign_in=False)
        with browsing(world) as browser:
            first = await tokens_for(browser, ann)
            assert await tokens_for(browser, bob, prompt="login")
        assert not await active(world, ann.app, first["access_token"])

    async def test_is_remembered_where_she_is_signed_in(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            ann.token = (await tokens_for(browser, ann))["access_token"]
        history = (await ann.get("/api/v3/get-my-login-history"))["data"]
        assert history["totalCount"] == 1  # one sign-in, however many apps she went on to
        apps = (await ann.get("/api/v3/get-my-logged-in-apps"))["data"]
        assert [app["active"] for app in apps] == [True]


async def test_what_was_refused_is_called_what_it_would_have_been(world: World) -> None:
    ann = await ann_of(world)
    assert error_of(await exchanges(world, ann.app, "no code of ours")) == INVALID_GRANT
    await world.context.refusals.flush()
    refused = "SELECT event, refusal FROM audit_log WHERE succeeded = 0"
    assert await rows(world, refused) == [("authorize", "TokenInvalid")]
