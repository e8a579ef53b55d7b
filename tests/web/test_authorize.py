"""`/oidc/auth`: from an app to the sign-in page and back to the app."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jws

from tests.support.authorization import (
    AUTH,
    BACK,
    answer_of,
    asking,
    code_for,
    exchanges,
    shop,
    signs_in,
    target_of,
    tokens_for,
)
from tests.support.backstage import rows, set_status
from tests.support.pages import Browser, browsing
from tests.support.world import PASSWORD, App, Person, World


async def ann_of(world: World, auth: str = "client_secret_post", **settings: str) -> Person:
    return await world.person("ann", await shop(world, auth=auth, **settings), sign_in=False)


def at_login(browser: Browser) -> bool:
    return browser.page.status_code == 200 and 'action="/login?' in browser.page.text


async def signed_in(browser: Browser, ann: Person) -> None:
    await code_for(browser, ann)


async def test_ann_signs_in_and_goes_back_to_the_app(world: World) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        await browser.open(AUTH, **asking(ann.app))
        assert at_login(browser) and "Test app" in browser.page.text
        told = answer_of(await signs_in(browser, ann))
    assert set(told) == {"code", "state", "iss"} and told["state"] == "a state"
    assert (await exchanges(world, ann.app, told["code"])).status_code == 200


async def test_whoever_is_signed_in_goes_back_at_once(world: World) -> None:
    ann = await ann_of(world)
    other = await shop(world, ann.app.pool_id)
    with browsing(world) as browser:
        await signed_in(browser, ann)
        page = await browser.open(AUTH, **asking(other))
    assert page.status_code == 303 and page.headers["cache-control"] == "no-store"
    code = answer_of(page)["code"]
    assert (await exchanges(world, other, code)).status_code == 200


async def test_each_asking_gets_a_code_of_its_own(world: World) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        await signed_in(browser, ann)
        pages = await asyncio.gather(
            *(browser.http.get(AUTH, params=asking(ann.app)) for _ in range(4))
        )
    assert len({answer_of(page)["code"] for page in pages}) == 4


async def test_a_wrong_password_keeps_her_on_the_way(world: World) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        await browser.open(AUTH, **asking(ann.app, state="a b&c=é"))
        await browser.send("/login", account="ann", password="a guess")
        assert answer_of(await signs_in(browser, ann))["state"] == "a b&c=é"


async def test_a_request_may_be_a_form(world: World) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        await signed_in(browser, ann)
        page = await browser.post(AUTH, asking(ann.app), origin="https://shop.example")
    assert answer_of(page)["code"]


async def test_without_a_state_none_is_told(world: World) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        await signed_in(browser, ann)
        assert "state" not in answer_of(await browser.open(AUTH, **asking(ann.app, state=None)))


class TestWhoIsNotAnswered:
    """Where the app or its address is not known, nobody is sent anywhere."""

    async def refused(self, world: World, parameters: str, name: str) -> None:
        with browsing(world) as browser:
            for page in (
                await browser.http.get(f"{AUTH}?{parameters}"),
                await browser.post("/oidc/consent", {"request": parameters, "agree": "1"}),
            ):
                assert page.status_code == 400 and "location" not in page.headers
                assert name in page.text and "http-equiv" not in page.text
                assert "mallory" not in page.text
                assert "frame-ancestors 'none'" in page.headers["content-security-policy"]

    @pytest.mark.parametrize("client_id", [None, "", "0" * 24, "a guess", "mallory'--", "é"])
    async def test_an_app_that_is_not_known(self, world: World, client_id: str | None) -> None:
        asked = asking(await shop(world), client_id=client_id)
        await self.refused(world, urlencode(asked), "client_id")

    @pytest.mark.parametrize(
        "uri",
        [
            None,
            "https://mallory.example/",
            f"{BACK}/",
            f"{BACK}#part",
            f"{BACK}?x=1",
            "https://shop.example/BACK",
            "https://SHOP.example/back",
            "https://shop.example/b%61ck",
            "https://shop.example/x/../back",
            "https://shop.example//back",
            "https://shop.example@mallory.example/back",
            "https://mallory.example/https://shop.example/back",
            "https://shop.example.mallory.example/back",
            "http://shop.example/back",
            "//shop.example/back",
            "javascript:alert(1)//mallory",
            "data:text/html,mallory",
        ],
    )
    async def test_an_address_that_is_not_the_apps(self, world: World, uri: str | None) -> None:
        asked = asking(await shop(world), redirect_uri=uri)
        await self.refused(world, urlencode(asked), "redirect_uri")

    async def test_an_address_of_another_app(self, world: World) -> None:
        app = await shop(world)
        other = await shop(world, app.pool_id, redirectUris="https://mallory.example/")
        asked = asking(other, redirect_uri=BACK)
        await self.refused(world, urlencode(asked), "redirect_uri")

    async def test_two_addresses(self, world: World) -> None:
        asked = [*asking(await shop(world)).items(), ("redirect_uri", "https://mallory.example/")]
        await self.refused(world, urlencode(asked), "redirect_uri")
        await self.refused(world, urlencode(asked[::-1]), "redirect_uri")

    async def test_more_than_anybody_would_ask(self, world: World) -> None:
        asked = [*asking(await shop(world)).items(), *[("x", "y")] * 100]
        await self.refused(world, urlencode(asked), "client_id")


class TestNativeApps:
    LOOPBACK = "http://127.0.0.1/back"

    async def test_are_answered_at_the_port_they_opened(self, world: World) -> None:
        ann = await ann_of(world, "none", redirectUris=self.LOOPBACK)
        here = "http://127.0.0.1:51004/back"
        with browsing(world) as browser:
            await browser.open(AUTH, **asking(ann.app, redirect_uri=here))
            await signs_in(browser, ann)
            told = answer_of(await browser.send("/oidc/consent", agree="1"), here)
        lost = await exchanges(world, ann.app, told["code"], client_secret=None)
        assert lost.status_code == 400  # the address is the one that was asked for, port and all
        with browsing(world) as browser:
            await browser.open(AUTH, **asking(ann.app, redirect_uri=here))
            await signs_in(browser, ann)
            told = answer_of(await browser.send("/oidc/consent", agree="1"), here)
        good = {"client_secret": None, "redirect_uri": here}
        assert (await exchanges(world, ann.app, told["code"], **good)).status_code == 200

    @pytest.mark.parametrize("auth", ["client_secret_post", "client_secret_basic"])
    async def test_are_those_without_a_secret(self, world: World, auth: str) -> None:
        app = await shop(world, auth=auth, redirectUris=self.LOOPBACK)
        asked = urlencode(asking(app, redirect_uri="http://127.0.0.1:51004/back"))
        await TestWhoIsNotAnswered().refused(world, asked, "redirect_uri")

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "[::1]", "127.0.0.1.example"])
    async def test_are_on_this_very_address(self, world: World, host: str) -> None:
        app = await shop(world, auth="none", redirectUris=self.LOOPBACK)
        asked = urlencode(asking(app, redirect_uri=f"http://{host}:51004/back"))
        await TestWhoIsNotAnswered().refused(world, asked, "redirect_uri")


DECLINED: list[tuple[dict[str, str | None], str]] = [
    ({"response_type": None}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_mode": "form_post"}, "invalid_request"),
    ({"scope": None}, "invalid_scope"),
    ({"scope": "profile"}, "invalid_scope"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"max_age": "soon"}, "invalid_request"),
    ({"request": "a.b.c"}, "request_not_supported"),
    ({"request_uri": "https://shop.example/r"}, "request_uri_not_supported"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"nonce": "a\nb"}, "invalid_request"),
    ({"id_token_hint": "a guess"}, "invalid_request"),
]


@pytest.mark.parametrize(("wish", "error"), DECLINED)
async def test_the_app_is_told_what_is_wrong(
    world: World, wish: dict[str, str | None], error: str
) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        await signed_in(browser, ann)
        told = answer_of(await browser.open(AUTH, **asking(ann.app, **wish)))
    assert set(told) == {"error", "error_description", "state", "iss"}
    assert (told["error"], told["state"]) == (error, "a state")


async def test_an_app_without_a_secret_needs_a_challenge(world: World) -> None:
    app = await shop(world, auth="none")
    without = asking(app, code_challenge=None, code_challenge_method=None)
    with browsing(world) as browser:
        assert answer_of(await browser.open(AUTH, **without))["error"] == "invalid_request"


async def test_a_parameter_that_is_there_twice_is_told(world: World) -> None:
    asked = [*asking(await shop(world)).items(), ("scope", "openid email")]
    with browsing(world) as browser:
        page = await browser.http.get(f"{AUTH}?{urlencode(asked)}")
    assert answer_of(page)["error"] == "invalid_request"


class TestPromptNone:
    async def test_is_answered_where_ann_is_signed_in(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            await signed_in(browser, ann)
            assert answer_of(await browser.open(AUTH, **asking(ann.app, prompt="none")))["code"]

    async def test_says_that_nobody_is_signed_in(self, world: World) -> None:
        app = await shop(world)
        with browsing(world) as browser:
            told = answer_of(await browser.open(AUTH, **asking(app, prompt="none")))
        assert told["error"] == "login_required"

    async def test_says_that_ann_signed_in_too_long_ago(self, still: World) -> None:
        ann = await ann_of(still)
        with browsing(still) as browser:
            await signed_in(browser, ann)
            still.clock.advance(61)
            asked = asking(ann.app, prompt="none", max_age="60")
            assert answer_of(await browser.open(AUTH, **asked))["error"] == "login_required"

    async def test_says_that_ann_has_to_agree(self, world: World) -> None:
        ann = await ann_of(world)
        other = await shop(world, ann.app.pool_id, skip_consent="false")
        with browsing(world) as browser:
            await signed_in(browser, ann)
            told = answer_of(await browser.open(AUTH, **asking(other, prompt="none")))
        assert told["error"] == "consent_required"


class TestFreshSignIn:
    @pytest.mark.parametrize("prompt", ["login", "select_account", "login consent"])
    async def test_is_asked_for_once(self, still: World, prompt: str) -> None:
        ann = await ann_of(still)
        with browsing(still) as browser:
            await signed_in(browser, ann)
            still.clock.advance(60)
            await browser.open(AUTH, **asking(ann.app, prompt=prompt))
            assert at_login(browser)
            still.clock.advance(60)
            code = answer_of(await signs_in(browser, ann))["code"]
        told = await auth_time(still, ann.app, code)
        assert told == still.clock() // 1000

    async def test_is_asked_for_anew_by_each_request(self, still: World) -> None:
        ann = await ann_of(still)
        with browsing(still) as browser:
            for _ in range(2):
                await browser.open(AUTH, **asking(ann.app, prompt="login"))
                assert at_login(browser)
                assert answer_of(await signs_in(browser, ann))["code"]
                still.clock.advance(1)

    async def test_cannot_be_put_off_by_an_old_address(self, still: World) -> None:
        ann = await ann_of(still)
        with browsing(still) as browser:
            await signed_in(browser, ann)
            for seconds in (0.001, 3600):
                later = str(still.clock() + int(seconds * 1000))
                await browser.open(AUTH, **asking(ann.app, prompt="login"), asked_at=later)
                assert at_login(browser)
            note = note_in(browser)
            await signs_in(browser, ann)
            await browser.open(AUTH, **asking(ann.app, prompt="login"), asked_at=note)
            assert not at_login(browser)
            still.clock.advance(30 * 60 + 0.001)
            await browser.open(AUTH, **asking(ann.app, prompt="login"), asked_at=note)
            assert at_login(browser)

    async def test_cannot_be_put_off_by_an_address_of_somebody_elses_making(
        self, still: World
    ) -> None:
        ann = await ann_of(still)
        with browsing(still) as browser:
            await browser.open(AUTH, **asking(ann.app, prompt="login"))
            note, then = note_in(browser), str(still.clock())
            await signed_in(browser, ann)
            for forged in (then, "", "soon", "-1", "9" * 40, note[:-4] + "AAAA", "x.y", "é"):
                await browser.open(AUTH, **asking(ann.app, prompt="login"), asked_at=forged)
                assert at_login(browser), forged
            other = asking(ann.app, prompt="login", state="another")
            await browser.open(AUTH, **other, asked_at=note)
            assert at_login(browser)

    @pytest.mark.parametrize(
        ("age", "seconds", "asked"),
        [
            ("60", 60, False),
            ("60", 60.001, True),
            ("0", 0, False),
            ("0", 0.001, True),
        ],
    )
    async def test_is_asked_for_after_max_age(
        self, still: World, age: str, seconds: float, asked: bool
    ) -> None:
        ann = await ann_of(still)
        with browsing(still) as browser:
            await signed_in(browser, ann)
            still.clock.advance(seconds)
            await browser.open(AUTH, **asking(ann.app, max_age=age))
            assert at_login(browser) == asked
            if asked:
                still.clock.advance(1)
                await signs_in(browser, ann)
            assert answer_of(browser.page)["code"]


def note_in(browser: Browser) -> str:
    """What the address that the sign-in page goes on to says of when it was asked for."""
    goal = parse_qs(browser.page.url.query.decode())["return_to"][0]
    return parse_qs(goal.partition("?")[2])["asked_at"][0]


async def auth_time(world: World, app: App, code: str) -> int:
    tokens = (await exchanges(world, app, code)).json()
    return int(json.loads(jws.extract_compact(tokens["id_token"].encode()).payload)["auth_time"])


class TestWhomTheAppMeans:
    async def test_is_hinted_by_an_id_token(self, world: World) -> None:
        ann = await ann_of(world)
        bob = await world.person("bob", ann.app, sign_in=False)
        with browsing(world) as browser:
            hint = (await tokens_for(browser, ann))["id_token"]
            silent = asking(ann.app, prompt="none", id_token_hint=hint)
            assert answer_of(await browser.open(AUTH, **silent))["code"]
            await code_for(browser, bob, prompt="login")
            assert answer_of(await browser.open(AUTH, **silent))["error"] == "login_required"
            await browser.open(AUTH, **asking(ann.app, id_token_hint=hint))
            assert at_login(browser)
            await signs_in(browser, bob)
            assert at_login(browser)
            assert answer_of(await signs_in(browser, ann))["code"]

    async def test_is_not_told_by_what_is_no_id_token_of_the_app(self, world: World) -> None:
        ann = await ann_of(world)
        other = await shop(world, ann.app.pool_id)
        with browsing(world) as browser:
            tokens = await tokens_for(browser, ann)
            for app, hint in (
                (ann.app, tokens["access_token"]),
                (other, tokens["id_token"]),
                (ann.app, tokens["id_token"][:-4] + "AAAA"),
            ):
                told = answer_of(await browser.open(AUTH, **asking(app, id_token_hint=hint)))
                assert told["error"] == "invalid_request"

    async def test_may_be_hinted_in_words(self, world: World) -> None:
        ann = await ann_of(world)
        with browsing(world) as browser:
            await browser.open(AUTH, **asking(ann.app, login_hint='ann"><script>'))
            assert browser.form("/login").fields["account"] == 'ann"><script>'

    async def test_is_of_the_apps_own_pool(self, world: World) -> None:
        ann = await ann_of(world)
        stranger = await shop(world)
        with browsing(world) as browser:
            await signed_in(browser, ann)
            silent = asking(stranger, prompt="none")
            assert answer_of(await browser.open(AUTH, **silent))["error"] == "login_required"
            await browser.open(AUTH, **asking(stranger))
            assert at_login(browser)


async def test_the_page_speaks_as_the_app_wishes(world: World) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        await browser.open(AUTH, **asking(ann.app, ui_locales="fr ja en"))
        assert '<html lang="ja-JP">' in browser.page.text


async def test_a_suspended_account_gets_no_code(world: World) -> None:
    ann = await ann_of(world)
    with browsing(world) as browser:
        await signed_in(browser, ann)
        await set_status(world, ann.user_id, "Suspended")
        told = answer_of(await browser.open(AUTH, **asking(ann.app, prompt="none")))
    assert told["error"] == "login_required"


async def test_no_other_page_may_read_an_answer(world: World) -> None:
    ann = await ann_of(world)
    await world.set_pool(ann.app.pool_id, allowedOrigins="https://shop.example")
    with browsing(world) as browser:
        await signed_in(browser, ann)
        headers = {"origin": "https://shop.example"}
        for path in (AUTH, "/oidc/session/end"):
            page = await browser.http.get(path, params=asking(ann.app), headers=headers)
            assert "access-control-allow-origin" not in page.headers
        read = await browser.http.get("/oidc/.well-known/jwks.json", headers=headers)
        assert read.headers["access-control-allow-origin"] == "https://shop.example"


async def test_nothing_is_kept_of_a_request_that_is_only_looked_at(world: World) -> None:
    app = await shop(world)
    with browsing(world) as browser:
        await browser.open(AUTH, **asking(app))
    assert await rows(world, "SELECT count(*) FROM authorization_codes") == [(0,)]


async def test_an_address_keeps_the_query_that_it_was_registered_with(world: World) -> None:
    back = f"{BACK}?shop=1"
    ann = await ann_of(world, redirectUris=back)
    with browsing(world) as browser:
        await browser.open(AUTH, **asking(ann.app, redirect_uri=back))
        told: dict[str, Any] = dict(
            parse_qsl(urlsplit(target_of(await signs_in(browser, ann))).query)
        )
    assert told["shop"] == "1" and told["code"] and told["state"]
    assert PASSWORD not in str(told)
