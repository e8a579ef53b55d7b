"""The pages behind the links in mails: what they show, and what they keep to themselves."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from gatepost.messages import catalogue
from gatepost.storage.links import LinkPurpose
from gatepost.storage.statement import sql
from gatepost.vocabulary.language import Language
from tests.support.browser import browser_page
from tests.support.links import (
    address_of,
    bind,
    change,
    code_mail,
    press,
    send,
    unbind,
    url_in,
    words_of,
)
from tests.support.process import ServerProcess, command, environment
from tests.support.world import PASSWORD, Person, World

TITLES = {
    language: {
        purpose: catalogue(language)["pages"][f"{purpose.replace('-', '_')}_title"]
        for purpose in LinkPurpose
    }
    for language in Language
}


async def every_link(world: World) -> tuple[dict[str, str], Person]:
    """A link of each purpose, all of them good."""
    ann = await world.person("ann")
    fay = await world.person("fay", ann.app)
    world.clock.advance(16 * 60)
    await bind(fay, "fay@example.com")
    undo_bind = (await fay.sign_in())["data"]["recentEmailBind"]["undoUrl"].partition("&")[0]
    bob = await world.person("bob", ann.app)
    await bind(ann, "ann@example.com")
    undo = await change(ann, "ann@example.com", "new@example.com")
    not_me = await bind(bob, "bob@example.com")
    asked = await code_mail(bob, "carol@example.com", "CHANNEL_LOGIN", signed_in=False)
    await press(world, url_in(asked, "not-asked"))
    stopped = await world.mail.of("carol@example.com", "code_mail_stopped")
    asked = await code_mail(bob, "dora@example.com", "CHANNEL_LOGIN", signed_in=False)
    payload = {"email": "eve@example.com", "password": PASSWORD}
    body = {"connection": "PASSWORD", "passwordPayload": payload}
    await world.post("/api/v3/signup", body, app=ann.app)
    channel = "CHANNEL_VERIFY_EMAIL_LINK"
    verify = await code_mail(bob, "eve@example.com", channel, signed_in=False)
    mails = {"undo": undo, "not-me": not_me, "not-asked": asked, "allow-again": stopped}
    urls = {purpose: url_in(mail, purpose) for purpose, mail in mails.items()}
    urls |= {"undo-bind": undo_bind, "verify": url_in(verify, "verify")}
    assert set(urls) == set(LinkPurpose)
    return urls, ann


async def everything(world: World) -> dict[str, list[list[object]]]:
    """What the database holds that a link could change."""
    tables = ["users", "sessions", "links", "email_changes", "mail_stops", "audit_log"]
    tables += ["verification_codes", "step_tokens", "password_attempts"]
    reader = world.database.reader()
    rows = {name: await reader.all(sql(f"SELECT * FROM {name}")) for name in tables}
    rows["outbox"] = await reader.all(sql("SELECT id FROM outbox"))
    return {name: sorted(list(row) for row in found) for name, found in rows.items()}


async def test_looking_changes_nothing_however_often_a_scanner_does(world: World) -> None:
    urls, _ = await every_link(world)
    before = await everything(world)
    for url in urls.values():
        for method in ("GET", "GET", "HEAD"):
            assert (await world.http.request(method, url)).status_code == 200
    assert await everything(world) == before


async def test_every_page_says_what_its_button_does_in_four_languages(world: World) -> None:
    urls, _ = await every_link(world)
    for purpose, url in urls.items():
        for language in Language:
            by_header = await world.http.get(url, headers={"accept-language": language})
            by_query = await world.http.get(f"{url}&lang={language}")
            for page in (by_header, by_query):
                assert f'<html lang="{language}">' in page.text
                words = words_of(page)
                assert TITLES[language][LinkPurpose(purpose)] in words
                assert "Test app" in words and "{" not in words


async def test_the_page_of_a_mail_speaks_the_language_of_the_mail(world: World) -> None:
    ann = await world.person("ann", await world.app())
    await world.set_pool(ann.app.pool_id, language="ja-JP")
    mail = await code_mail(ann, "ann@example.com", "CHANNEL_LOGIN", signed_in=False)
    (link,) = re.findall(r"\S+/link/not-asked\S+", mail.text)
    page = await world.http.get(link, headers={"accept-language": "en"})
    assert '<html lang="ja-JP">' in page.text


async def test_without_a_wish_the_pools_language_is_spoken(world: World) -> None:
    urls, ann = await every_link(world)
    assert '<html lang="en-US">' in (await world.http.get(urls["undo"])).text
    await world.set_pool(ann.app.pool_id, language="ja-JP")
    assert '<html lang="ja-JP">' in (await world.http.get(urls["undo"])).text


async def test_the_language_of_the_page_is_that_of_its_answer(world: World) -> None:
    urls, _ = await every_link(world)
    page = await world.http.get(f"{urls['undo']}&lang=zh-TW")
    assert 'name="lang" value="zh-TW"' in page.text
    token = urls["undo"].partition("token=")[2]
    done = await send(world, "/link/undo", token=token, lang="zh-TW")
    assert catalogue(Language.ZH_TW)["pages"]["undo_done_title"] in words_of(done)


async def test_an_address_of_somebody_else_is_masked(world: World) -> None:
    urls, _ = await every_link(world)
    words = words_of(await world.http.get(urls["undo"]))
    assert "ann@example.com" in words
    assert "n•••@example.com" in words and "new@example.com" not in words
    assert re.search(r"Changed \d{4}-\d\d-\d\d \d\d:\d\d UTC", words)


async def test_a_page_of_an_unbind_says_that_there_is_no_address(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, "ann@example.com")
    notice = await unbind(ann, "ann@example.com")
    assert "Address now none" in words_of(await world.http.get(url_in(notice, "undo")))


async def test_the_headers_keep_the_page_and_its_token_to_itself(world: World) -> None:
    urls, _ = await every_link(world)
    token = urls["undo"].partition("token=")[2]
    answers = [await world.http.get(url) for url in urls.values()]
    answers += [await send(world, "/link/undo", token=token) for _ in range(2)]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        inline = re.findall(r"<script(?![^>]*\bsrc=)|\son\w+=|style=", answer.text)
        assert inline == []


async def test_an_answer_does_not_carry_the_token_and_the_form_posts_without_a_query(
    world: World,
) -> None:
    urls, _ = await every_link(world)
    token = urls["undo"].partition("token=")[2]
    page = await world.http.get(urls["undo"])
    assert re.findall(r'action="([^"]*)"', page.text) == ["/link/undo"]
    assert token not in (await send(world, "/link/undo", token=token)).text


async def test_unknown_used_late_and_overtaken_links_show_one_page(world: World) -> None:
    urls, _ = await every_link(world)
    tokens = {purpose: url.partition("token=")[2] for purpose, url in urls.items()}
    await press(world, urls["undo"])
    gone = [
        await world.http.get("/link/undo?token=unknown"),
        await world.http.get("/link/undo"),
        await world.http.get(urls["undo"]),
        await send(world, "/link/undo", token=tokens["undo"]),
        await send(world, "/link/verify", token=tokens["not-me"], password=PASSWORD),
        await send(world, "/link/not-asked"),
    ]
    world.clock.advance(73 * 3600)
    gone += [await world.http.get(url) for url in urls.values()]
    gone += [await send(world, f"/link/{p}", token=token) for p, token in tokens.items()]
    assert {answer.status_code for answer in gone} == {404}
    assert len({answer.content for answer in gone}) == 1


@pytest.mark.parametrize("lang", ["", "xx", "../..", '"><script>', "ja-JP" * 500])
async def test_a_strange_language_is_as_good_as_none(world: World, lang: str) -> None:
    answer = await world.http.get("/link/undo", params={"token": '"><b>', "lang": lang})
    assert answer.status_code == 404 and "<b>" not in answer.text


@pytest.mark.parametrize(
    "sent",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:81"},
        {"origin": "https://127.0.0.1"},
        {"origin": "x:"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "same-site"},
    ],
    ids=str,
)
async def test_a_button_on_somebody_elses_page_does_nothing(
    world: World, sent: dict[str, str]
) -> None:
    ann = await world.person("ann")
    token = url_in(await bind(ann, "ann@example.com"), "not-me").partition("token=")[2]
    answer = await send(world, "/link/not-me", sent, token=token)
    assert (answer.status_code, await address_of(ann)) == (403, "ann@example.com")
    assert "Nothing was done" in words_of(answer)
    assert (await send(world, "/link/not-me", token=token)).status_code == 200


@pytest.mark.parametrize(
    "sent", [{}, {"origin": "null"}, {"origin": "null", "sec-fetch-site": "same-origin"}], ids=str
)
async def test_a_browser_that_names_no_origin_may_press(world: World, sent: dict[str, str]) -> None:
    ann = await world.person("ann")
    token = url_in(await bind(ann, "ann@example.com"), "not-me").partition("token=")[2]
    answer = await world.http.post("/link/not-me", data={"token": token}, headers=sent)
    assert (answer.status_code, await address_of(ann)) == (200, None)


async def test_the_name_of_an_app_is_text_and_never_markup(world: World) -> None:
    name = "<img src=x> {{ 7*7 }} {email} 'n' \"Co\""
    app = await world.app()
    await world.database.unit(
        lambda tx: tx.run(sql("UPDATE applications SET name = :name"), name=name)
    )
    mail = await code_mail(
        await world.person("ann", app, sign_in=False),
        "ann@example.com",
        "CHANNEL_LOGIN",
        signed_in=False,
    )
    page = await world.http.get(url_in(mail, "not-asked"))
    assert "<img" not in page.text and escape(name, quote=False)[:20] in page.text
    assert name in words_of(page)


async def test_a_page_looks_as_the_app_does_before_and_after(world: World) -> None:
    logo = "https://cdn.example.com/logo.svg"
    app = await world.app(brandColor="#ffe600", appLogo=logo)
    ann = await world.person("ann", app)
    url = url_in(await bind(ann, "ann@example.com"), "not-me")
    for page in (await world.http.get(url), await press(world, url)):
        assert f'<img src="{logo}"' in page.text and "brand.css?c=ffe600" in page.text
        assert "Test app" in words_of(page)


async def test_a_name_that_two_apps_have_has_no_colour(world: World) -> None:
    app = await world.app(brandColor="#ffe600")
    await world.app(app.pool_id)
    ann = await world.person("ann", app)
    page = await world.http.get(url_in(await bind(ann, "ann@example.com"), "not-me"))
    assert "Test app" in words_of(page) and "brand.css" not in page.text


async def test_a_refusal_stands_beside_its_field_and_is_announced(world: World) -> None:
    urls, _ = await every_link(world)
    wrong = await press(world, urls["verify"], password="not it")
    assert field_of(wrong, "password") == "password-problem"
    assert field_of(wrong, "newPassword") is None
    weak = await press(world, urls["verify"], newPassword="short")
    assert field_of(weak, "newPassword") == "newPassword-problem"
    assert "<details open>" in weak.text and "not it" not in wrong.text


async def test_a_password_stands_clear_of_its_button_as_on_every_page(world: World) -> None:
    urls, _ = await every_link(world)
    page = await world.http.get(urls["verify"])
    for name in ("password", "newPassword"):
        assert re.search(rf'<div class="field">\s*<label for="{name}">', page.text)


def field_of(page: httpx.Response, name: str) -> str | None:
    """The id of the sentence that describes a field, which must be there."""
    field = re.search(rf'<input type="password" id="{name}"[^>]*>', page.text)
    assert field
    described = re.search(r'aria-describedby="([^"]+)"', field[0])
    if described is None:
        return None
    assert re.search(rf'<p class="problem" id="{described[1]}" role="alert">[^<]+</p>', page.text)
    return described[1]


@pytest.mark.browser
def test_a_real_browser_hides_the_token_and_presses_the_button(tmp_path: Path) -> None:
    env = environment(tmp_path, DEV_MAILBOX="1")
    pool = command(tmp_path, env, "pool", "create", "Test", "--json")
    pool_id = pool["userPoolId"]
    command(tmp_path, env, "pool", "set", pool_id, "allowSpecialUseDomains=true")
    app = command(tmp_path, env, "app", "create", "Test app", "--pool", pool_id, "--json")
    with ServerProcess(tmp_path, env) as server, browser_page() as page:
        page.goto(asked_by_a_stranger(server.url, app["appId"], "ann@example.com"))
        page.wait_for_url("**/link/not-asked?lang=en-US")
        page.get_by_role("button").click()
        page.wait_for_selector("h1.done")
        assert page.url.endswith("/link/not-asked")


def asked_by_a_stranger(origin: str, app_id: str, email: str) -> str:
    """A code is asked for; the link in its mail."""
    body = {"email": email, "channel": "CHANNEL_LOGIN"}
    headers = {"x-authing-app-id": app_id}
    with httpx.Client(base_url=origin) as client:
        answer = client.post("/api/v3/send-email", json=body, headers=headers).json()
        assert answer["statusCode"] == 200, answer
        for _ in range(2000):
            if mails := client.get("/dev/mailbox.json", params={"to": email}).json():
                link = re.search(r"\S+/link/not-asked\?token=\S+", str(mails[0]["text"]))
                assert link and urlsplit(link[0]).netloc == urlsplit(origin).netloc
                return link[0]
    raise AssertionError("no mail came")
