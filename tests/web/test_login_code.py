"""`/login/code`: sign in, or make an account, by a code from a mail."""

from __future__ import annotations

from tests.support.backstage import rows, wrong
from tests.support.links import bind
from tests.support.pages import Browser, browsing
from tests.support.world import Person, World


async def asks(browser: Browser, person: Person, address: str, path: str = "/login") -> None:
    await browser.open(path, app_id=person.app.app_id)
    await browser.press(path, f"{path}/mail", account=address)


async def test_ann_signs_in_by_a_code_and_knows_her_mail_by_its_letters(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, "ann@example.com")
    with browsing(world) as browser:
        await asks(browser, ann, "Ann@Example.com")
        assert browser.page.url.path == "/login/code"
        assert "We mailed a code to a•••@example.com" in browser.words
        mail = await world.mail.of("ann@example.com", "login_verify_code")
        assert f"shows the letters {browser.tag}" in mail.text and len(browser.tag) == 2
        code = f"{mail.code[:3]} {mail.code[3:]}" if mail.code else ""
        await browser.send("/login/code", code=code)
        assert "Signed in as ann" in browser.words


async def test_the_countdown_is_the_servers_and_survives_a_reload(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, "ann@example.com")
    with browsing(world) as browser:
        await asks(browser, ann, "ann@example.com")
        assert 'data-wait="60"' in browser.page.text
        world.clock.advance(20)
        before = browser.tag
        await browser.open(str(browser.page.url))
        assert 'data-wait="40"' in browser.page.text and browser.tag == before
        await browser.send("/login/mail")
        assert browser.page.url.path == "/login/code" and 'data-wait="40"' in browser.page.text
        world.clock.advance(41)
        await browser.send("/login/mail")
        assert browser.tag == before
        mail = await world.mail.of("ann@example.com", "login_verify_code", 2)
        assert before in mail.text


async def test_another_window_has_letters_of_its_own(world: World) -> None:
    ann = await world.person("ann")
    with browsing(world) as one, browsing(world) as other:
        await asks(one, ann, "ann@example.com")
        await asks(other, ann, "ann@example.com")
        assert len(one.tag) == 2 and other.tag == "", "that mail is not this window's"
        assert "A mail was sent to a•••@example.com a moment ago" in other.words


async def test_an_unknown_address_gets_an_account_only_if_it_is_wished(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await asks(browser, ann, "new@example.com")
        code = await world.code("new@example.com")
        await browser.send("/login/code", code=code)
        assert browser.page.status_code == 422
        assert "There is no account with n•••@example.com" in browser.words
        assert code not in browser.page.text
        await browser.send("/login/code", code=code)
        assert "Signed in as new@example.com" in browser.words


async def test_signing_up_by_a_code_makes_the_account(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await asks(browser, ann, "new@example.com", "/signup")
        await browser.send("/login/code", code=await world.code("new@example.com"))
        assert "Signed in as new@example.com" in browser.words


async def test_a_closed_pool_takes_nobody(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    await world.set_pool(ann.app.pool_id, registerDisabled="true")
    with browsing(world) as browser:
        await browser.open("/login", app_id=ann.app.app_id)
        assert "Make an account" not in browser.words
        await browser.press("/login", "/login/mail", account="new@example.com")
        await browser.send("/login/code", code=await world.code("new@example.com"), create="1")
        assert browser.page.status_code == 422
        await asks(browser, ann, "other@example.com", "/signup")
        assert "New accounts cannot be made here" in browser.words
    assert await rows(world, "SELECT count(*) FROM users") == [(1,)]


async def test_refusals_of_a_code_say_what_to_do(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await asks(browser, ann, "ann")
        assert "cannot be used here" in browser.problem("account")
        await browser.press("/login", "/login/mail", account="ann@example.com")
        code = await world.code("ann@example.com")
        await browser.send("/login/code", code=wrong(code))
        assert browser.problem("code").startswith("The verification code is incorrect")
        assert wrong(code) not in browser.page.text
        world.clock.advance(700)
        await browser.send("/login/code", code=code)
        assert browser.problem("code").startswith("The verification code has expired")


async def test_a_page_of_a_step_that_is_over_begins_again(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.open("/login/code", app_id=ann.app.app_id)
        assert browser.page.url.path == "/login"
        await asks(browser, ann, "ann@example.com")
        world.clock.advance(1000)
        await browser.send("/login/code", code="123456")
        assert browser.page.url.path == "/login"


async def test_the_step_is_sealed_and_of_one_app(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    with browsing(world) as browser:
        await asks(browser, ann, "ann@example.com")
        assert "example" not in browser.cookies()["gatepost-step-80"]
        await browser.open("/login/code", app_id=bob.app.app_id)
        assert browser.page.url.path == "/login"
        browser.http.cookies.set("gatepost-step-80", "forged.AAAA", domain="127.0.0.1")
        await browser.open("/login/code", app_id=ann.app.app_id)
        assert browser.page.url.path == "/login"


async def test_a_foreign_form_neither_mails_nor_signs_in(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await asks(browser, ann, "ann@example.com")
        code = await world.code("ann@example.com")
        for path in ("/login/mail", "/login/code"):
            form = browser.form(path)
            fields = form.fields | {"token": "x", "code": code, "create": "1"}
            assert (await browser.post(form.action, fields)).status_code == 403
            await browser.open("/login/code", app_id=ann.app.app_id)
    assert await rows(world, "SELECT count(*) FROM sessions") == [(0,)]
    assert len(world.mail.all_to("ann@example.com")) == 1
