"""`/login` with a password, and the session that a browser holds afterwards."""

from __future__ import annotations

import re
from html import unescape

import msgspec
import pytest

from gatepost.settings import Settings
from gatepost.web.return_to import login_path
from tests.support.backstage import rows, set_status
from tests.support.links import address_of, bind, unbind
from tests.support.pages import ORIGIN, Browser, browsing
from tests.support.world import PASSWORD, World, new_world

OIDC = "/oidc/auth?client_id=x&state=a%26b"


async def test_ann_signs_in_and_is_known_by_a_new_cookie(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.open("/login", app_id=ann.app.app_id)
        before = browser.cookies()
        await browser.send("/login", account="ann", password=PASSWORD)
        assert browser.page.url.path == "/account"
        assert "Signed in as ann" in browser.words
        after = browser.cookies()
        assert before.keys() == after.keys() == {"gatepost-80"} and before != after
        assert await rows(world, "SELECT count(*) FROM sessions") == [(1,)]
        assert after["gatepost-80"] not in str(await rows(world, "SELECT * FROM sessions"))


async def test_a_sign_in_goes_on_to_where_it_was_on_the_way_to(world: World) -> None:
    app = await world.app(redirectUris='["https://shop.example.com/back"]')
    await world.person("ann", app, sign_in=False)
    for goal in (OIDC, "https://shop.example.com/back", "/u"):
        with browsing(world) as browser:
            await browser.open(login_path(app.app_id, goal))
            await browser.send("/login", account="ann", password=PASSWORD)
            assert browser.target == goal
            await browser.open(login_path(app.app_id, goal))
            assert browser.target == goal, "whoever is signed in goes on at once"
            await browser.open(login_path(app.app_id, goal, again="1"))
            assert browser.page.url.path == "/login"


@pytest.mark.parametrize(
    "goal",
    [
        "https://evil.example/",
        "//evil.example/account",
        "/\\evil.example",
        "https://shop.example.com/back/",
        "https://shop.example.com/back?x=1",
        "HTTPS://shop.example.com/back",
        "///account",
        "///u",
        "///u?x",
        "///oidc/auth",
        " /account",
        "/account/../docs",
        "javascript:alert(1)",
        "/oidc/auth#x",
        "/oidc/authX",
    ],
)
async def test_nobody_is_sent_anywhere_else(world: World, goal: str) -> None:
    app = await world.app(redirectUris='["https://shop.example.com/back"]')
    await world.person("ann", app, sign_in=False)
    with browsing(world) as browser:
        await browser.open("/login", app_id=app.app_id, return_to=goal)
        assert goal not in browser.page.text or goal.startswith("/oidc/auth#")
        await browser.send("/login", account="ann", password=PASSWORD)
        assert browser.target == "/account"


async def test_a_refusal_stands_beside_its_field_and_what_was_typed_stays(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.open("/login", app_id=ann.app.app_id)
        await browser.send("/login", account="ann", password="not it at all")
        assert browser.page.status_code == 422
        assert browser.problem("password").startswith("The account or the password is wrong")
        assert browser.form("/login").fields["account"] == "ann"
        assert "not it at all" not in browser.page.text
        unknown = await browser.send("/login", account="nobody", password="not it at all")
        assert unknown.status_code == 422
        assert browser.problem("password").startswith("The account or the password is wrong")
        await browser.send("/login", account="", password="x")
        assert browser.problem("account") == "Fill this in."
        await set_status(world, ann.user_id, "Suspended")
        await browser.send("/login", account="ann", password=PASSWORD)
        assert "suspended" in browser.problem("")


async def test_what_is_typed_is_text_and_never_markup(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.open("/login", app_id=ann.app.app_id, login_hint='"><script>')
        assert "<script>" not in browser.page.text.partition("<body")[2]
        await browser.send("/login", account='"><script>alert(1)</script>', password="x")
        assert "<script>alert" not in browser.page.text


async def test_a_form_of_another_site_or_browser_does_nothing(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser, browsing(world) as mallory:
        for each in (browser, mallory):
            await each.open("/login", app_id=ann.app.app_id)
        path = browser.form("/login").action
        good = {"account": "ann", "password": PASSWORD}
        foreign = {
            "no token": ({}, ORIGIN, "same-origin"),
            "of Mallory": (mallory.form("/login").fields, ORIGIN, "same-origin"),
            "elsewhere": (browser.form("/login").fields, "https://evil.example", ""),
            "hidden": (browser.form("/login").fields, "null", "cross-site"),
            "a sibling": (browser.form("/login").fields, "null", "same-site"),
            "hidden, without a token": ({}, "null", ""),
        }
        for name, (fields, origin, site) in foreign.items():
            answer = await browser.post(path, fields | good, origin=origin, site=site)
            assert answer.status_code == 403, name
            assert "Nothing was done" in browser.words
        assert await rows(world, "SELECT count(*) FROM sessions") == [(0,)]
        await browser.send("/login", **good)
        assert browser.page.url.path == "/account"


@pytest.mark.parametrize("site", ["same-origin", ""])
async def test_a_form_of_ours_may_hide_its_origin_as_browsers_do(world: World, site: str) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.open("/login", app_id=ann.app.app_id)
        form = browser.form("/login")
        typed = {"account": "ann", "password": PASSWORD}
        await browser.post(form.action, form.fields | typed, origin="null", site=site)
        assert browser.page.url.path == "/account"


@pytest.mark.parametrize("path", ["/login", "/login/mail", "/signup", "/signup/mail", "/forgot"])
async def test_a_form_of_another_site_takes_no_cookie_away(world: World, path: str) -> None:
    app = await world.app()
    with browsing(world) as browser:  # to which no cookie comes along from another site
        for origin in ("https://evil.example", "null"):
            await browser.post(f"{path}?app_id={app.app_id}", {"token": "x"}, origin=origin)
            assert browser.page.status_code == 403
            assert browser.cookies() == {}


async def test_a_browser_without_cookies_is_told(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.open("/login", app_id=ann.app.app_id)
        form = browser.form("/login")
        typed = {"account": "ann", "password": PASSWORD}
        for origin, site in ((ORIGIN, ""), ("null", "same-origin")):
            browser.http.cookies.clear()
            await browser.post(form.action, form.fields | typed, origin=origin, site=site)
            assert browser.page.status_code == 403 and "cookies" in browser.words
            assert browser.cookies(), "which it gets, to send the form once more"


async def test_a_second_sign_in_ends_the_first_of_this_browser(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        stolen = browser.cookies()
        await browser.open("/login", app_id=ann.app.app_id, again="1")
        await browser.send("/login", account="ann", password=PASSWORD)
        assert browser.page.url.path == "/account"
        with browsing(world) as thief:
            thief.http.cookies.update(stolen)
            await thief.open("/account")
            assert thief.page.url.path == "/login"


async def test_sessions_of_pages_and_of_tokens_end_together(world: World) -> None:
    ann = await world.person("ann")
    with browsing(world) as browser:
        await browser.sign_in(ann)
        body = {"oldPassword": PASSWORD, "newPassword": "another good password"}
        assert (await ann.post("/api/v3/update-password", body))["statusCode"] == 200
        await browser.open("/account")
        assert browser.page.url.path == "/login" and "session has ended" in browser.words


@pytest.mark.parametrize("taken_off_again", [False, True])
async def test_an_address_bound_in_an_old_session_is_shown_and_can_be_taken_off(
    world: World, taken_off_again: bool
) -> None:
    ann = await world.person("ann")
    world.clock.advance(3600)
    await bind(ann, "mallory@example.com")
    if taken_off_again:
        await unbind(ann, "mallory@example.com")
    with browsing(world) as browser:
        await browser.sign_in(ann)
        assert "mallory@example.com was added to your account" in browser.words
        assert "That was me" in browser.words
        assert re.search(
            r'<time datetime="[^"]+">\d{4}-\d\d-\d\d \d\d:\d\d UTC</time>', browser.page.text
        )
        (undo,) = re.findall(r'href="(http[^"]+)"', browser.page.text)
        await browser.open(undo)
        await browser.send("/link/undo-bind")
        assert "The address was taken off" in browser.words
    assert await address_of(ann) is None


async def test_a_session_of_one_pool_is_none_in_another(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.open("/login", app_id=bob.app.app_id)
        assert browser.page.url.path == "/login"


async def test_the_only_app_needs_no_name_and_an_unknown_one_is_told(world: World) -> None:
    await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.open("/account")
        assert browser.page.url.path == "/login" and "Test app" in browser.words
        await browser.open("/login", app_id="0" * 24)
        assert browser.page.status_code == 404 and "no app" in browser.words
        await browser.open("/login", app_id="%00<b>")
        assert browser.page.status_code == 404
    await world.app()
    with browsing(world) as browser:
        assert (await browser.open("/login")).status_code == 404


async def test_the_language_is_the_switchs_or_the_browsers(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world, "ja") as browser:
        await browser.open("/login", app_id=ann.app.app_id)
        assert '<html lang="ja-JP">' in browser.page.text
        await browser.open(switch_to(browser, "zh-TW"))
        assert '<html lang="zh-TW">' in browser.page.text
        await browser.open("/login", app_id=ann.app.app_id)
        assert '<html lang="zh-TW">' in browser.page.text


def switch_to(browser: Browser, language: str) -> str:
    """Where the page's switch leads."""
    found = re.search(rf'hreflang="{language}" href="([^"]+)"', browser.page.text)
    assert found, browser.page.text
    return unescape(found[1])


async def test_a_switch_goes_no_further_than_the_page_and_forgets_nothing(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.open(login_path(ann.app.app_id, again="1", login_hint="bob"))
        await browser.open(switch_to(browser, "ja-JP"))
        assert browser.page.url.path == "/login"
        assert '<html lang="ja-JP">' in browser.page.text
        assert browser.form("/login").fields["account"] == "bob"
        link = re.search(r'href="(/signup[^"]+)"', browser.page.text)
        assert link
        await browser.open(unescape(link[1]))
        assert browser.page.url.path == "/signup" and '<html lang="ja-JP">' in browser.page.text


async def test_whoever_goes_on_at_once_keeps_the_language_they_chose(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser, browsing(world) as other:
        await other.open("/login", app_id=ann.app.app_id)
        switch = switch_to(other, "ja-JP")
        await browser.sign_in(ann)
        await browser.open(switch)
        assert browser.page.url.path == "/account"
        assert '<html lang="ja-JP">' in browser.page.text


async def test_a_link_of_another_site_chooses_a_language_for_its_own_way_only(
    world: World,
) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        browser.http.headers["sec-fetch-site"] = "cross-site"
        await browser.open("/login", app_id=ann.app.app_id, lang="ja", switch="1")
        browser.http.headers["sec-fetch-site"] = "same-origin"
        await browser.send("/login", account="ann", password="not it")
        assert '<html lang="ja-JP">' in browser.page.text
        await browser.open("/login", app_id=ann.app.app_id)
        assert '<html lang="en-US">' in browser.page.text


async def test_the_app_shows_its_name_colour_and_logo(world: World) -> None:
    logo = "https://cdn.example.com/logo.svg"
    app = await world.app(brandColor="#ffe600", appLogo=logo)
    with browsing(world) as browser:
        await browser.open("/login", app_id=app.app_id)
        assert f'src="{logo}"' in browser.page.text
        assert "/assets/brand.css?c=ffe600" in browser.page.text
        policy = browser.page.headers["content-security-policy"]
        assert "img-src 'self' data: https://cdn.example.com;" in policy


async def test_on_https_the_cookie_is_of_this_host_alone(settings: Settings) -> None:
    https = msgspec.structs.replace(settings, public_url="https://id.example.com")
    async with new_world(https) as world:
        app = await world.app()
        answer = await world.http.get("/login", params={"app_id": app.app_id})
        given = answer.headers["set-cookie"]
        assert given.startswith("__Host-gatepost=")
        for rule in ("; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"):
            assert rule in given
        assert "Domain" not in given


async def test_the_page_is_kept_nowhere_and_tells_others_nothing(world: World) -> None:
    app = await world.app()
    answer = await world.http.get("/login", params={"app_id": app.app_id})
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "style=" not in answer.text and "onclick" not in answer.text


async def test_what_a_page_refuses_is_kept_in_the_audit_log_as_of_the_api(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.open("/login", app_id=ann.app.app_id)
        await browser.send("/login", account="ann", password="not it")
        await world.context.refusals.flush()
        kept = "SELECT event, refusal, user_pool_id FROM audit_log WHERE succeeded = 0"
        assert await rows(world, kept) == [("login", "WrongCredentials", ann.app.pool_id)]
