"""`/oidc/session/end`: signing out, from an app or by oneself."""

from __future__ import annotations

import hmac
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc.jwk import RSAKey

from gatepost.credentials.secrets import in_base64url
from tests.support.authorization import (
    AUTH,
    GONE,
    answer_of,
    asking,
    code_for,
    shop,
    target_of,
    tokens_for,
)
from tests.support.oauth import looks_at, signs_in_offline
from tests.support.pages import Browser, browsing
from tests.support.world import App, Person, World

END = "/oidc/session/end"
CONFIRM = "/oidc/session/confirm"


async def ann_of(world: World, **settings: str) -> Person:
    return await world.person("ann", await shop(world, **settings), sign_in=False)


async def is_signed_in(browser: Browser, app: App) -> bool:
    return "code" in answer_of(await browser.open(AUTH, **asking(app, prompt="none")))


async def active(world: World, app: App, tokens: dict[str, Any]) -> bool:
    return bool((await looks_at(world, app, tokens["access_token"]))["active"])


def leaving(tokens: dict[str, Any], **changes: str) -> dict[str, str]:
    right = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": GONE}
    return right | changes


class TestByTheApp:
    @pytest.mark.parametrize("algorithm", ["RS256", "HS256"])
    async def test_ends_everything_in_this_browser(self, world: World, algorithm: str) -> None:
        ann = await ann_of(world, id_token_signed_response_alg=algorithm)
        other = await shop(world, ann.app.pool_id)
        with browsing(world) as browser:
            tokens = await tokens_for(browser, ann)
            elsewhere = await tokens_for(browser, Person(world, other, ann.user_id, "ann"))
            page = await browser.open(END, **leaving(tokens, state="a b"))
            assert page.status_code == 303 and target_of(page) == f"{GONE}?state=a+b"
            assert not await is_signed_in(browser, ann.app)
        assert not await active(world, ann.app, tokens)
        assert not await active(world, other, elsewhere)

    async def test_leaves_her_other_browsers_alone(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser, browsing(world) as telephone:
            tokens, others = await tokens_for(browser, ann), await tokens_for(telephone, ann)
            await browser.open(END, **leaving(tokens))
            assert await is_signed_in(telephone, ann.app)
        assert await active(world, ann.app, others)

    async def test_may_show_a_token_that_is_long_over(self, still: World) -> None:
        ann = await ann_of(still, id_token_expires_in="60")
        with browsing(still) as browser:
            tokens = await tokens_for(browser, ann)
            still.clock.advance(3600)
            assert target_of(await browser.open(END, **leaving(tokens))) == GONE
            assert not await is_signed_in(browser, ann.app)

    async def test_may_be_sent_as_a_form(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            tokens = await tokens_for(browser, ann)
            page = await browser.post(END, leaving(tokens), origin="https://shop.example")
            assert target_of(page) == GONE
            assert not await is_signed_in(browser, ann.app)

    async def test_without_an_address_there_is_a_page(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            tokens = await tokens_for(browser, ann)
            page = await browser.open(END, id_token_hint=tokens["id_token"])
            assert page.status_code == 200 and "You are signed out" in page.text

    @pytest.mark.parametrize(
        "uri",
        [
            "https://mallory.example/",
            f"{GONE}/",
            f"{GONE}?x=1",
            "https://shop.example/GONE",
            "https://shop.example/back",
            "https://shop.example@mallory.example/gone",
            "javascript:alert(1)",
        ],
    )
    async def test_never_sends_her_to_an_address_that_is_not_registered(
        self, world: World, uri: str
    ) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            tokens = await tokens_for(browser, ann)
            asked = leaving(tokens, post_logout_redirect_uri=uri)
            page = await browser.open(END, **asked)
            assert page.status_code == 200 and "You are signed out" in page.text
            assert "http-equiv" not in page.text and "mallory" not in page.text
        assert not await active(world, ann.app, tokens)

    async def test_ends_a_session_that_no_browser_holds(self, world: World) -> None:
        ann = await ann_of(world)
        tokens = await signs_in_offline(ann)
        with browsing(world) as browser:
            assert target_of(await browser.open(END, **leaving(tokens))) == GONE
        assert not await active(world, ann.app, tokens)

    async def test_again_does_no_harm(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            tokens = await tokens_for(browser, ann)
            for _ in range(2):
                assert target_of(await browser.open(END, **leaving(tokens))) == GONE


class TestAsks:
    async def test_where_nobody_says_who_is_meant(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            tokens = await tokens_for(browser, ann)
            page = await browser.open(END)
            assert page.status_code == 200 and "You are signed in as ann." in page.text
            assert await is_signed_in(browser, ann.app)
            await browser.open(END)
            page = await browser.send(CONFIRM)
            assert "You are signed out" in page.text
            assert not await is_signed_in(browser, ann.app)
        assert not await active(world, ann.app, tokens)

    async def test_and_goes_on_to_an_address_of_the_app_that_is_named(self, world: World) -> None:
        ann = await ann_of(world)
        named = {"client_id": ann.app.app_id, "post_logout_redirect_uri": GONE, "state": "s"}
        with browsing(world) as browser:
            await code_for(browser, ann)
            await browser.open(END, **named)
            assert target_of(await browser.send(CONFIRM)) == f"{GONE}?state=s"
            # Where nobody is signed in any more, there is nothing to ask.
            assert target_of(await browser.open(END, **named)) == f"{GONE}?state=s"

    async def test_where_somebody_else_is_signed_in_by_now(self, world: World) -> None:
        ann = await ann_of(world)
        bob = await world.person("bob", ann.app, sign_in=False)
        with browsing(world) as browser:
            tokens = await tokens_for(browser, ann)
        with browsing(world) as browser:
            his = await tokens_for(browser, bob)
            page = await browser.open(END, **leaving(tokens))
            assert page.status_code == 200 and "You are signed in as bob." in page.text
            assert await is_signed_in(browser, ann.app)
        assert not await active(world, ann.app, tokens)  # that much was meant
        assert await active(world, ann.app, his)

    async def test_where_the_hint_is_none_of_the_app(self, world: World) -> None:
        ann = await ann_of(world)
        other = await shop(world, ann.app.pool_id)
        with browsing(world) as browser:
            tokens = await tokens_for(browser, ann)
            for wrong in (
                leaving(tokens, client_id=other.app_id),
                leaving(tokens, id_token_hint=tokens["access_token"]),
                leaving(tokens, id_token_hint=tokens["id_token"][:-4] + "AAAA"),
                leaving(tokens, id_token_hint="a guess", client_id=ann.app.app_id),
                leaving(tokens, id_token_hint="a guess"),
                {"client_id": "0" * 24, "post_logout_redirect_uri": GONE},
            ):
                page = await browser.open(END, **wrong)
                assert page.status_code == 200 and f'action="{CONFIRM}"' in page.text
                page = await browser.post(CONFIRM, {"request": urlencode(wrong), "token": "x"})
                assert page.status_code == 403
            assert await is_signed_in(browser, ann.app)
            assert await active(world, ann.app, tokens)

    async def test_and_sends_nobody_on_a_word_of_mallorys(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            await code_for(browser, ann)
            forged = {"id_token_hint": "a guess", "post_logout_redirect_uri": GONE}
            await browser.open(END, **forged, client_id=ann.app.app_id)
            page = await browser.send(CONFIRM)
            assert page.status_code == 200 and "You are signed out" in page.text


class TestMallory:
    async def test_cannot_press_the_button_for_ann(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            await code_for(browser, ann)
            await browser.open(END)
            fields = browser.form(CONFIRM).fields
            assert (await browser.post(CONFIRM, fields | {"token": ""})).status_code == 403
            page = await browser.post(CONFIRM, fields, origin="https://mallory.example")
            assert page.url.path == END and "Sign out?" in page.text
            assert await is_signed_in(browser, ann.app)

    async def test_cannot_take_her_cookie_with_a_form_that_it_does_not_come_with(
        self, world: World
    ) -> None:
        await ann_of(world)
        for origin in ("https://mallory.example", ""):
            with browsing(world) as browser:
                page = await browser.post(CONFIRM, {"request": "state=é%0d%0a"}, origin=origin)
                assert "You are signed out" in page.text
                assert "set-cookie" not in page.headers

    async def test_cannot_sign_a_hint_with_what_is_public(self, world: World) -> None:
        ann = await ann_of(world)
        jwk = (await world.http.get("/oidc/.well-known/jwks.json")).json()["keys"][0]
        public = RSAKey.import_key(jwk).as_pem(private=False)
        with browsing(world) as browser:
            tokens = await tokens_for(browser, ann)
            payload = tokens["id_token"].split(".")[1]
            for header, key in (
                ({"alg": "HS256", "typ": "JWT", "kid": jwk["kid"]}, public),
                ({"alg": "HS256", "typ": "JWT"}, jwk["n"].encode()),
                ({"alg": "HS256", "typ": "JWT"}, b""),
                ({"alg": "none", "typ": "JWT"}, None),
            ):
                forged = signed(header, payload, key)
                page = await browser.open(END, **leaving(tokens, id_token_hint=forged))
                assert page.status_code == 200 and f'action="{CONFIRM}"' in page.text
        assert await active(world, ann.app, tokens)


def signed(header: dict[str, str], payload: str, key: bytes | None) -> str:
    """A token by Mallory's own hand."""
    text = f"{in_base64url(json.dumps(header).encode())}.{payload}"
    proof = b"" if key is None else hmac.digest(key, text.encode(), "sha256")
    return f"{text}.{in_base64url(proof)}"
