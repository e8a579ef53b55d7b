"""The card that deletes the account."""

from __future__ import annotations

from tests.support.backstage import rows, wrong
from tests.support.links import bind
from tests.support.pages import browsing
from tests.support.world import PASSWORD, World


async def test_with_an_address_it_takes_a_code(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, "ann@example.com")
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.send("/account/delete")
        mail = await world.mail.of("ann@example.com", "delete_account_verify_code")
        assert browser.tag in mail.text
        code = mail.code or ""
        assert "data-sends" not in browser.page.text, "what cannot be undone wants a press"
        await browser.send("/account/delete/confirm", code=wrong(code))
        assert browser.problem("code").startswith("The verification code is incorrect")
        await browser.send("/account/delete/confirm", code=code)
        assert browser.page.url.path == "/login" and "Your account was deleted" in browser.words
        await browser.send("/login", account="ann", password=PASSWORD)
        assert browser.page.status_code == 422
    assert await rows(world, "SELECT count(*) FROM users") == [(0,)]


async def test_without_one_it_takes_the_password(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.send("/account/delete")
        await browser.send("/account/delete/confirm", password="not it")
        assert browser.problem("password").startswith("The account or the password is wrong")
        await browser.send("/account/delete/confirm", password=PASSWORD)
        assert "Your account was deleted" in browser.words
    assert await rows(world, "SELECT count(*) FROM users") == [(0,)]


async def test_it_can_be_left_and_begun_again(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, "ann@example.com")
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.send("/account/delete")
        await browser.send("/account/delete/cancel")
        form = browser.form("/account/delete")
        await browser.post("/account/delete/confirm", form.fields | {"code": "123456"})
        assert "Start again from the beginning" in browser.problem("")
        world.clock.advance(61)
        await browser.send("/account/delete")
        world.clock.advance(61)
        await browser.send("/account/delete/again")
        await world.mail.of("ann@example.com", "delete_account_verify_code", 3)
    assert await rows(world, "SELECT count(*) FROM users") == [(1,)]
