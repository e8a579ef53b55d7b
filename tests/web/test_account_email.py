"""The e-mail card: none, bound, changed, taken off; without scripts."""

from __future__ import annotations

from tests.support.backstage import rows, wrong
from tests.support.links import address_of, bind
from tests.support.pages import Browser, browsing
from tests.support.world import World

ANN, NEW = "ann@example.com", "new@example.com"


async def code_of(world: World, address: str, template: str, count: int = 1) -> str:
    code = (await world.mail.of(address, f"email_{template}_verify_code", count)).code
    assert code is not None
    return code


async def binds(world: World, browser: Browser, address: str = ANN) -> None:
    await browser.send("/account/email/bind", email=address)
    await browser.send("/account/email/bind/code", code=await code_of(world, address, "bind"))
    assert "The address now belongs to your account" in browser.words


async def test_from_none_to_bound_to_changed_to_none(world: World) -> None:
    ann = await world.person("ann")
    with browsing(world) as browser:
        await browser.sign_in(ann)
        assert "has no e-mail address yet" in browser.words
        await browser.send("/account/email/bind", email="Ann@Example.com")
        assert browser.page.url.path == "/account"
        assert "We mailed a code to a•••@example.com" in browser.words
        mail = await world.mail.of(ANN, "email_bind_verify_code")
        assert browser.tag and browser.tag in mail.text
        code = mail.code or ""
        await browser.send("/account/email/bind/code", code=f" {code[:3]} {code[3:]} ")
        assert await address_of(ann) == ANN

        await browser.send("/account/email/change")
        await browser.send("/account/email/change/old", code=await code_of(world, ANN, "update"))
        await browser.send("/account/email/change/new", email=NEW)
        assert "n•••@example.com" in browser.words
        await browser.send("/account/email/change/code", code=await code_of(world, NEW, "update"))
        assert "Your address was changed" in browser.words and await address_of(ann) == NEW
        assert (await ann.get("/api/v3/get-profile"))["statusCode"] == 401, "others are signed out"

        await browser.send("/account/email/unbind")
        await browser.send("/account/email/unbind/code", code=await code_of(world, NEW, "unbind"))
        assert "The address was removed" in browser.words and await address_of(ann) is None


async def test_a_reload_goes_on_where_it_was_and_cancel_leaves(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.send("/account/email/bind", email=ANN)
        tag = browser.tag
        await browser.open("/account")
        assert browser.tag == tag and 'autocomplete="one-time-code"' in browser.page.text
        world.clock.advance(61)
        await browser.send("/account/email/again")
        assert browser.tag == tag
        assert tag in (await world.mail.of(ANN, "email_bind_verify_code", 2)).text
        await browser.send("/account/email/cancel")
        assert "has no e-mail address yet" in browser.words
        await browser.post("/account/email/bind/code", browser.form("/logout").fields)
        assert "Start again from the beginning" in browser.problem("")


async def test_a_second_press_does_no_harm(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.send("/account/email/bind", email=ANN)
        form, step = browser.form("/account/email/bind/code"), browser.cookies()
        fields = form.fields | {"code": await code_of(world, ANN, "bind")}
        for _ in range(2):
            browser.keeps(step)  # as a browser sends the second before an answer
            await browser.post(form.action, fields)
            assert "The address now belongs to your account" in browser.words
        assert await address_of(ann) == ANN
        await browser.send("/account/email/unbind")
        form, step = browser.form("/account/email/unbind/code"), browser.cookies()
        fields = form.fields | {"code": await code_of(world, ANN, "unbind")}
        for _ in range(2):
            browser.keeps(step)
            await browser.post(form.action, fields)
            assert "The address was removed" in browser.words


async def test_refusals_of_a_bind(world: World) -> None:
    ann = await world.person("ann")
    bob = await world.person("bob", ann.app)
    await bind(bob, "taken@example.com")
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.send("/account/email/bind", email="not an address")
        assert browser.problem("email").startswith("This e-mail address cannot be used here")
        assert browser.form("/account/email/bind").fields["email"] == "not an address"
        world.clock.advance(61)
        await browser.send("/account/email/bind", email="taken@example.com")
        code = await code_of(world, "taken@example.com", "bind", 2)
        await browser.send("/account/email/bind/code", code=wrong(code))
        assert browser.problem("code").startswith("The verification code is incorrect")
        await browser.send("/account/email/bind/code", code=code)
        assert browser.problem("").startswith("Another account already uses this e-mail address")
        assert await address_of(ann) is None


async def test_refusals_of_a_change(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, ANN)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.send("/account/email/change")
        code = await code_of(world, ANN, "update")
        await browser.send("/account/email/change/old", code=wrong(code))
        assert browser.problem("code").startswith("The verification code is incorrect")
        looks = "SELECT succeeded FROM audit_log WHERE event = 'preCheckCode' AND user_id = :id"
        assert (1,) not in await rows(world, looks, id=ann.user_id)
        await browser.send("/account/email/change/old", code=code)
        assert (1,) in await rows(world, looks, id=ann.user_id)
        assert code not in browser.page.text
        await browser.send("/account/email/change/new", email=ANN)
        assert browser.problem("email").startswith("The new address is the one")
        await browser.send("/account/email/change/new", email=NEW)
        await browser.send("/account/email/change/code", code=wrong(code))
        assert browser.problem("code").startswith("The verification code is incorrect")
        world.clock.advance(400)
        await browser.send("/account/email/again")
        fresh = await code_of(world, NEW, "update", 2)
        await browser.send("/account/email/change/code", code=fresh)
        assert "code of your present address has run out" in browser.words
        assert await address_of(ann) == ANN


async def test_a_mistyped_new_code_takes_no_try_of_the_old_one(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, ANN)
    await world.set_pool(ann.app.pool_id, verifyCodeMaxAttempts="3")
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.send("/account/email/change")
        await browser.send("/account/email/change/old", code=await code_of(world, ANN, "update"))
        await browser.send("/account/email/change/new", email=NEW)
        code = await code_of(world, NEW, "update")
        for typed in (wrong(code), wrong(code), code):
            assert "Your address was changed" not in browser.words
            await browser.send("/account/email/change/code", code=typed)
        assert await address_of(ann) == NEW


async def test_where_the_old_address_is_not_asked_one_code_does(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, ANN)
    await world.set_pool(ann.app.pool_id, changeEmailStrategy__verifyOldEmail="false")
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.send("/account/email/change")
        await browser.send("/account/email/change/new", email=NEW)
        await browser.send("/account/email/change/code", code=await code_of(world, NEW, "update"))
        assert await address_of(ann) == NEW


async def test_who_could_not_sign_in_any_more_is_told_before_a_code_is_mailed(
    world: World,
) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.open("/signup", app_id=ann.app.app_id)
        await browser.press("/signup", "/signup/mail", account=NEW)
        await browser.send("/login/code", code=await world.code(NEW))
        await browser.send("/account/email/unbind")
        assert browser.problem("").startswith("This address is the only way to sign in")
        assert len(world.mail.all_to(NEW)) == 1
        await browser.send("/account/username", username="newcomer")
        assert "Your user name is set" in browser.words
        await browser.send("/account/password", newPassword="a good long password")
        assert "Your password was changed" in browser.words
        await browser.send("/account/email/unbind")
        await browser.send("/account/email/unbind/code", code=await code_of(world, NEW, "unbind"))
        assert "has no e-mail address yet" in browser.words


async def test_where_a_fresh_sign_in_is_asked_for_it_leads_there_and_back(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    await world.set_pool(ann.app.pool_id, reauthenticateWithin="60")
    with browsing(world) as browser:
        await browser.sign_in(ann)
        world.clock.advance(61)
        await browser.send("/account/email/bind", email=ANN)
        assert browser.page.url.path == "/login"
        assert "sign in again before you do this" in browser.words
        await browser.send("/login", account="ann", password="correct horse battery staple")
        await binds(world, browser)


async def test_two_windows_of_two_people_do_not_meet(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    bob = await world.person("bob", ann.app, sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.send("/account/email/bind", email=ANN)
        step = browser.cookies()["gatepost-step-80"]
        await browser.open("/login", app_id=ann.app.app_id, again="1")
        await browser.send("/login", account="bob", password="correct horse battery staple")
        browser.http.cookies.set("gatepost-step-80", step, domain="127.0.0.1", path="/")
        await browser.open("/account")
        assert "has no e-mail address yet" in browser.words and not browser.tag
        assert await address_of(bob) is None


async def test_too_many_mails_are_refused_with_the_time_to_wait(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.send("/account/email/bind", email=ANN)
        for _ in range(6):
            world.clock.advance(61)
            await browser.send("/account/email/again")
        assert browser.page.status_code == 429
        assert "Too many requests. Try again in" in browser.problem("")
