"""The cards for signing in: the password, where one is signed in, signing out."""

from __future__ import annotations

from tests.support.links import bind
from tests.support.pages import browsing
from tests.support.world import PASSWORD, World

NEW = "a fresh and good password"


async def test_ann_changes_her_password_and_stays(world: World) -> None:
    ann = await world.person("ann")
    with browsing(world) as browser, browsing(world) as elsewhere:
        await browser.sign_in(ann)
        await elsewhere.sign_in(ann)
        await browser.send("/account/password", oldPassword="not it", newPassword=NEW)
        assert browser.problem("oldPassword").startswith("Your present password is incorrect")
        assert NEW not in browser.page.text and "not it" not in browser.page.text
        assert "<details open>" in browser.page.text
        await browser.send("/account/password", oldPassword="", newPassword=NEW)
        assert browser.problem("oldPassword").startswith("Give your present password")
        await browser.send("/account/password", oldPassword=PASSWORD, newPassword="short")
        assert browser.problem("newPassword").startswith("Choose a longer password")
        await browser.send("/account/password", oldPassword=PASSWORD, newPassword=PASSWORD)
        assert browser.problem("newPassword").startswith("Choose a password that differs")
        await browser.send("/account/password", oldPassword=PASSWORD, newPassword="")
        assert browser.problem("newPassword") == "Fill this in."
        await browser.send("/account/password", oldPassword=PASSWORD, newPassword=NEW)
        assert "Your password was changed" in browser.words
        await elsewhere.open("/account")
        assert elsewhere.page.url.path == "/login"
    assert (await ann.get("/api/v3/get-profile"))["statusCode"] == 401


async def test_ann_ends_a_sign_in_elsewhere_and_all_others(world: World) -> None:
    ann = await world.person("ann")
    with browsing(world) as browser, browsing(world) as elsewhere:
        await elsewhere.sign_in(ann)
        await browser.sign_in(ann)
        ends = [form for form in browser.forms() if form.action == "/account/sessions/end"]
        assert len(ends) == 2, "the token's and the other browser's"
        await browser.post(ends[0].action, ends[0].fields)
        assert "That device is signed out" in browser.words
        await browser.send("/account/sessions/end-others")
        assert "Every other device is signed out" in browser.words
        assert "End all others" not in browser.words
        await elsewhere.open("/account")
        assert elsewhere.page.url.path == "/login"
    assert (await ann.get("/api/v3/get-profile"))["statusCode"] == 401


async def test_nobody_ends_the_sign_in_of_somebody_else(world: World) -> None:
    ann = await world.person("ann")
    bob = await world.person("bob", ann.app, sign_in=False)
    with browsing(world) as mallory, browsing(world) as victim:
        await mallory.sign_in(bob)
        await victim.sign_in(ann)
        (end,) = [form for form in victim.forms() if form.action == "/account/sessions/end"]
        fields = mallory.form("/logout").fields | {"id": end.fields["id"]}
        await mallory.post("/account/sessions/end", fields)
    assert (await ann.get("/api/v3/get-profile"))["statusCode"] == 200


async def test_signing_out_ends_the_session_and_its_cookie(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser, browsing(world) as thief:
        await browser.sign_in(ann)
        stolen = browser.cookies()
        await browser.send("/logout")
        assert browser.page.url.path == "/login" and "You are signed out" in browser.words
        assert browser.cookies()["gatepost-80"] != stolen["gatepost-80"]
        thief.http.cookies.update(stolen)
        await thief.open("/account")
        assert thief.page.url.path == "/login"


async def test_a_user_name_is_given_once_and_not_one_of_somebody_else(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, "ann@example.com")
    with browsing(world) as browser:
        await browser.open("/signup", app_id=ann.app.app_id)
        await browser.press("/signup", "/signup/mail", account="new@example.com")
        await browser.send("/login/code", code=await world.code("new@example.com"))
        await browser.send("/account/username", username="")
        assert browser.problem("username") == "Fill this in."
        await browser.send("/account/username", username="ANN")
        assert browser.problem("username").startswith("This user name is already taken")
        assert browser.form("/account/username").fields["username"] == "ANN"
        await browser.send("/account/username", username="new comer")
        assert browser.problem("username").startswith("This cannot be used here")
        await browser.send("/account/username", username="newcomer")
        assert "Signed in as newcomer" in browser.words
