"""`/forgot`: a new password by a code from a mail."""

from __future__ import annotations

from tests.support.backstage import rows, wrong
from tests.support.links import bind
from tests.support.pages import Browser, browsing
from tests.support.world import World

NEW = "a fresh and good password"


async def asks(browser: Browser, app_id: str, address: str) -> None:
    await browser.open("/forgot", app_id=app_id)
    await browser.send("/forgot", email=address)


async def test_ann_sets_a_new_password_and_signs_in_with_it(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, "ann@example.com")
    with browsing(world) as browser:
        await asks(browser, ann.app.app_id, "ann@example.com")
        mail = await world.mail.of("ann@example.com", "reset_password_verify_code")
        assert browser.tag in mail.text
        await browser.send("/forgot/code", code=mail.code or "")
        assert browser.page.url.path == "/forgot/password"
        await browser.send("/forgot/password", newPassword="short")
        assert browser.problem("newPassword").startswith("Choose a longer password")
        await browser.send("/forgot/password", newPassword=NEW)
        assert browser.page.url.path == "/login" and "Your new password is set" in browser.words
        await browser.send("/login", account="ann", password=NEW)
        assert "Signed in as ann" in browser.words
        await browser.open("/forgot/password", app_id=ann.app.app_id)
        assert browser.page.url.path == "/forgot", "the step is over"


async def test_nobody_learns_whether_there_is_an_account(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, "ann@example.com")
    seen = []
    for address in ("ann@example.com", "axx@example.com"):
        with browsing(world) as browser:
            await asks(browser, ann.app.app_id, address)
            seen.append(browser.words.replace(browser.tag, "??"))
            assert len(browser.tag) == 2
            await browser.send("/forgot/code", code="000000")
            seen.append(browser.problem("code"))
    assert seen[:2] == seen[2:]
    await world.mail.of("axx@example.com", "no_account_here")


async def test_refusals_and_late_steps_say_what_to_do(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, "ann@example.com")
    with browsing(world) as browser:
        await asks(browser, ann.app.app_id, "ann")
        assert browser.problem("email").startswith("This e-mail address cannot be used")
        await browser.send("/forgot", email="ann@example.com")
        code = (await world.mail.of("ann@example.com", "reset_password_verify_code")).code or ""
        await browser.send("/forgot/code", code=wrong(code))
        assert browser.problem("code").startswith("The verification code is incorrect")
        await browser.send("/forgot/code", code=code)
        assert code not in browser.page.text
        await browser.send("/forgot/password", newPassword="")
        assert browser.problem("newPassword") == "Fill this in."
        world.clock.advance(301)
        await browser.send("/forgot/password", newPassword=NEW)
        assert browser.page.url.path == "/forgot" and "took too long" in browser.words


async def test_foreign_forms_change_nothing(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, "ann@example.com")
    before = await rows(world, "SELECT password_hash FROM users")
    with browsing(world) as browser:
        await browser.open("/forgot", app_id=ann.app.app_id)
        form = browser.form("/forgot")
        fields = {"token": "x", "email": "ann@example.com"}
        assert (await browser.post(form.action, fields)).status_code == 403
        await browser.send("/forgot", email="ann@example.com")
        mail = await world.mail.of("ann@example.com", "reset_password_verify_code")
        form = browser.form("/forgot/code")
        answer = await browser.post(form.action, {"token": "x", "code": mail.code or ""})
        assert answer.status_code == 403
        await browser.send("/forgot/code", code=mail.code or "")
        form = browser.form("/forgot/password")
        answer = await browser.post(form.action, {"token": "x", "newPassword": NEW})
        assert answer.status_code == 403
    assert await rows(world, "SELECT password_hash FROM users") == before
