"""`/oidc/consent`: an app asks, and the person agrees or does not."""

from __future__ import annotations

import html
import re

import pytest

from gatepost.management.apps import set_app
from tests.support.authorization import (
    AUTH,
    answer_of,
    asking,
    code_for,
    exchanges,
    shop,
    signs_in,
)
from tests.support.backstage import rows
from tests.support.pages import Browser, browsing
from tests.support.world import Person, World

ASKS = {"skip_consent": "false"}
ON_DEVICE = "com.example.shop:/back"


async def ann_of(world: World, auth: str = "client_secret_post", **settings: str) -> Person:
    return await world.person("ann", await shop(world, auth=auth, **settings), sign_in=False)


async def asked(browser: Browser, ann: Person, **changes: str | None) -> bool:
    """Whether Ann is asked before the app is answered; she signs in if she has to."""
    page = await browser.open(AUTH, **asking(ann.app, **changes))
    if 'action="/login?' in page.text:
        page = await signs_in(browser, ann)
    return page.status_code == 200 and 'action="/oidc/consent"' in page.text


async def test_ann_agrees_and_is_not_asked_again(world: World) -> None:
    ann = await ann_of(world, **ASKS)
    with browsing(world) as browser:
        assert await asked(browser, ann, scope="openid profile email")
        assert "You are signed in as ann." in browser.page.text
        assert "your e-mail address" in browser.page.text
        assert "while you are away" not in browser.page.text
        told = answer_of(await browser.send("/oidc/consent", agree="1"))
        assert (await exchanges(world, ann.app, told["code"])).status_code == 200
        assert not await asked(browser, ann, scope="openid profile email")
        assert not await asked(browser, ann, scope="openid email", prompt="none")
        # More than she agreed to is asked about, and then remembered beside the rest.
        assert await asked(browser, ann, scope="openid offline_access", prompt="consent")
        assert "while you are away" in browser.page.text
        await browser.send("/oidc/consent", agree="1")
        assert not await asked(browser, ann, scope="openid profile offline_access")


async def test_ann_does_not_agree(world: World) -> None:
    ann = await ann_of(world, **ASKS)
    with browsing(world) as browser:
        assert await asked(browser, ann)
        told = answer_of(await browser.send("/oidc/consent", agree="0"))
        assert (told["error"], told["state"]) == ("access_denied", "a state")
        assert await asked(browser, ann)
    assert await rows(world, "SELECT count(*) FROM consents") == [(0,)]
    assert await rows(world, "SELECT count(*) FROM authorization_codes") == [(0,)]


async def test_somebody_else_may_go_on_instead(world: World) -> None:
    ann = await ann_of(world, **ASKS)
    bob = await world.person("bob", ann.app, sign_in=False)
    with browsing(world) as browser:
        assert await asked(browser, ann)
        link = re.search(r'<a href="(/login[^"]*)">Use another account', browser.page.text)
        assert link
        await browser.open(html.unescape(link[1]))
        await signs_in(browser, bob)
        assert "You are signed in as bob." in browser.page.text
        told = answer_of(await browser.send("/oidc/consent", agree="1"))
    tokens = (await exchanges(world, ann.app, told["code"])).json()
    told = (
        await world.http.get("/oidc/me", params={"access_token": tokens["access_token"]})
    ).json()
    assert told["sub"] == bob.user_id


async def test_what_one_agrees_to_is_for_one_app_and_one_person(world: World) -> None:
    ann = await ann_of(world, **ASKS)
    other = Person(world, await shop(world, ann.app.pool_id, **ASKS), ann.user_id, "ann")
    bob = await world.person("bob", ann.app, sign_in=False)
    with browsing(world) as browser:
        assert await asked(browser, ann)
        await browser.send("/oidc/consent", agree="1")
        assert await asked(browser, other)
        assert await asked(browser, bob, prompt="login")


async def test_an_app_may_ask_every_time(world: World) -> None:
    ann = await ann_of(world, **ASKS)
    with browsing(world) as browser:
        for _ in range(2):
            assert await asked(browser, ann, prompt="consent")
            assert answer_of(await browser.send("/oidc/consent", agree="1"))["code"]


@pytest.mark.parametrize("prompt", [None, "consent"])
async def test_nobody_is_asked_where_the_administrator_agreed(
    world: World, prompt: str | None
) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        assert not await asked(browser, ann, prompt=prompt, scope="openid offline_access")


async def test_what_calls_itself_the_app_on_her_device_is_asked_about_every_time(
    world: World,
) -> None:
    ann = await ann_of(world, "none", redirectUris=ON_DEVICE)
    with browsing(world) as browser:
        for _ in range(2):
            assert await asked(browser, ann, redirect_uri=ON_DEVICE)
            assert "Any program on this device" in browser.page.text
            told = answer_of(await browser.send("/oidc/consent", agree="1"), ON_DEVICE)
            assert told["code"]
        silent = asking(ann.app, redirect_uri=ON_DEVICE, prompt="none")
        told = answer_of(await browser.open(AUTH, **silent), ON_DEVICE)
        assert told["error"] == "consent_required"


async def test_a_fresh_sign_in_counts_for_the_question_too(still: World) -> None:
    ann = await ann_of(still, **ASKS)
    with browsing(still) as browser:
        await code_for_agreeing(browser, ann)
        still.clock.advance(60)
        assert await asked(browser, ann, prompt="login consent", max_age="0")
        still.clock.advance(60)
        assert answer_of(await browser.send("/oidc/consent", agree="1"))["code"]


async def code_for_agreeing(browser: Browser, ann: Person) -> None:
    assert await asked(browser, ann)
    assert answer_of(await browser.send("/oidc/consent", agree="1"))["code"]


class TestMallory:
    async def test_cannot_agree_for_ann(self, world: World) -> None:
        ann = await ann_of(world, **ASKS)
        with browsing(world) as browser:
            assert await asked(browser, ann)
            fields = browser.form("/oidc/consent").fields | {"agree": "1"}
            for forged in (fields | {"token": ""}, fields | {"token": "a" * 43}):
                page = await browser.post("/oidc/consent", forged)
                assert page.status_code == 403 and "http-equiv" not in page.text
            page = await browser.post("/oidc/consent", fields, origin="https://mallory.example")
            assert page.status_code == 403 and "http-equiv" not in page.text
        assert await rows(world, "SELECT count(*) FROM authorization_codes") == [(0,)]

    async def test_cannot_have_one_persons_yes_count_for_the_next(self, world: World) -> None:
        ann = await ann_of(world, **ASKS)
        bob = await world.person("bob", ann.app, sign_in=False)
        with browsing(world) as browser:
            assert await asked(browser, ann)
            fields = browser.form("/oidc/consent").fields | {"agree": "1"}
            assert await asked(browser, bob, prompt="login")  # in another tab
            page = await browser.post("/oidc/consent", fields)
            assert page.status_code == 403 and "You are signed in as bob." in page.text

    async def test_cannot_change_where_the_answer_goes(self, world: World) -> None:
        ann = await ann_of(world, **ASKS)
        with browsing(world) as browser:
            assert await asked(browser, ann)
            request = browser.form("/oidc/consent").fields["request"]
            changed = request.replace("shop.example", "mallory.example")
            page = await browser.send("/oidc/consent", agree="1", request=changed)
            assert page.status_code == 400 and "mallory" not in page.text

    async def test_learns_nothing_from_outside(self, world: World) -> None:
        ann = await ann_of(world, **ASKS)
        with browsing(world) as browser:
            assert await asked(browser, ann)
            fields = browser.form("/oidc/consent").fields | {"agree": "1"}
        with browsing(world) as elsewhere:
            page = await elsewhere.post("/oidc/consent", fields)
            assert 'action="/login?' in page.text


async def test_ann_is_asked_from_when_the_app_is_set_so(world: World) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        assert await code_for(browser, ann)
        await world.database.unit(lambda tx: set_app(tx, ann.app.app_id, ASKS))
        assert await asked(browser, ann)
