"""`/account`: what somebody signed in sees, and who does not get there."""

from __future__ import annotations

import re

from gatepost.vocabulary.language import Language
from gatepost.web.routes import ACCOUNT_FORMS
from tests.support.backstage import footprint, rows, set_status
from tests.support.pages import browsing
from tests.support.world import World


async def test_ann_sees_her_account_at_two_addresses(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        for path in ("/account", "/u"):
            await browser.open(path)
            assert "Signed in as ann" in browser.words
            assert browser.page.headers["cache-control"] == "no-store"
        assert "this device" in browser.words and "by password" in browser.words


async def test_the_bare_address_of_the_server_leads_to_the_account(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.open("/")
        assert browser.page.url.path == "/login"
        await browser.sign_in(ann, "/")
        assert browser.page.url.path == "/account"


async def test_the_page_speaks_four_languages_and_leaves_no_place_empty(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    seen = set()
    for language in Language:
        with browsing(world, language) as browser:
            await browser.sign_in(ann)
            assert f'<html lang="{language}">' in browser.page.text
            assert not set("{}") & set(browser.words)
            seen.add(browser.words)
    assert len(seen) == len(Language)


async def test_the_chosen_language_is_the_accounts_in_every_browser(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.send("/account/language", language="ja-JP")
        told = "SELECT user_id, succeeded FROM audit_log WHERE event = 'updateUserPrefile'"
        assert await rows(world, told) == [(ann.user_id, 1)]
        assert "言語を保存しました" in browser.words
        await browser.send("/account/language", language="xx")
        assert browser.page.status_code == 422
        await browser.send("/logout")
        assert '<html lang="ja-JP">' in browser.page.text
    with browsing(world, "zh-CN") as elsewhere:
        await elsewhere.sign_in(ann)
        assert '<html lang="ja-JP">' in elsewhere.page.text


async def test_a_form_that_is_not_of_this_browser_does_nothing(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        before = await footprint(world)
        for path in ACCOUNT_FORMS:
            for token, origin in (("", None), ("x" * 43, None), (None, "https://evil.example")):
                await browser.open("/account")
                given = token if token is not None else browser.form("/logout").fields["token"]
                fields = {"token": given, "email": "ann@example.com", "code": "1"}
                kwargs = {"origin": origin} if origin else {}
                answer = await browser.post(path, fields, **kwargs)
                assert answer.status_code == 403 or path == "/logout", path
        await browser.open("/account")
        assert "Signed in as ann" in browser.words
        assert await footprint(world) == before


async def test_whoever_is_signed_out_meanwhile_signs_in_and_comes_back(world: World) -> None:
    ann = await world.person("ann")
    with browsing(world) as browser:
        await browser.sign_in(ann)
        forms = {form.action: form for form in browser.forms()}
        await world.database.unit(lambda tx: _end_all(tx, ann.user_id))
        for action, form in forms.items():
            await browser.post(action, form.fields)
            assert browser.page.url.path == "/login", action
            assert "Your session has ended" in browser.words
        await browser.sign_in(ann)
        assert browser.page.url.path == "/account"


async def _end_all(tx: object, user_id: str) -> None:
    from gatepost.storage import sessions

    await sessions.end_all(tx, user_id)  # type: ignore[arg-type]


async def test_a_suspended_account_is_shown_to_nobody(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await set_status(world, ann.user_id, "Suspended")
        await browser.open("/account")
        assert browser.page.url.path == "/login"


async def test_an_address_that_only_forms_go_to_leads_back(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        for path in ACCOUNT_FORMS:
            await browser.open(path)
            assert browser.page.url.path == "/account", path


async def test_a_notice_is_told_once(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.send("/account/language", language="en-US")
        assert "The language is saved" in browser.words
        await browser.open("/account")
        assert "The language is saved" not in browser.words


async def test_a_page_and_all_it_loads_is_small(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        addresses = re.findall(r'(?:href|src)="(/assets/[^"]+)"', browser.page.text)
        assert len(addresses) == 2
        size = len(browser.page.content)
        for address in addresses:
            answer = await world.http.get(address)
            assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
            size += len(answer.content)
        assert size < 50 * 1024


async def test_what_a_stranger_named_a_program_is_text(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        browser.http.headers["user-agent"] = "<img src=x>/1.0"
        await browser.sign_in(ann)
        assert "<img" not in browser.page.text and "<img src=x>" in words_of_text(browser.page.text)


def words_of_text(html: str) -> str:
    return html.replace("&lt;", "<").replace("&gt;", ">")
