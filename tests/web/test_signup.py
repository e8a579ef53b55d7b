"""`/signup` with a password."""

from __future__ import annotations

from tests.support.backstage import rows
from tests.support.pages import browsing
from tests.support.world import PASSWORD, World


async def test_a_newcomer_makes_an_account_with_a_user_name(world: World) -> None:
    app = await world.app()
    with browsing(world) as browser:
        await browser.open("/signup", app_id=app.app_id)
        await browser.send("/signup", account="newcomer", newPassword=PASSWORD)
        assert browser.page.url.path == "/account" and "Signed in as newcomer" in browser.words


async def test_with_an_address_it_is_to_be_confirmed_and_can_be(world: World) -> None:
    app = await world.app()
    with browsing(world) as browser:
        await browser.open("/signup", app_id=app.app_id)
        await browser.send("/signup", account="new@example.com", newPassword=PASSWORD)
        assert "not confirmed yet" in browser.words
        await browser.send("/account/email/verify")
        assert "We mailed you the link" in browser.words
        await world.mail.of("new@example.com", "console_conducted_verify")


async def test_refusals_stand_beside_their_fields(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.open("/signup", app_id=ann.app.app_id)
        await browser.send("/signup", account="new", newPassword="short")
        assert browser.problem("newPassword").startswith("Choose a longer password")
        assert browser.form("/signup").fields["account"] == "new"
        await browser.send("/signup", account="Ann", newPassword=PASSWORD)
        assert browser.problem("account").startswith("This user name is already taken")
        await browser.send("/signup", account="a b", newPassword=PASSWORD)
        assert browser.problem("account").startswith("This cannot be used here")
        await browser.send("/signup", account="new@-", newPassword=PASSWORD)
        assert browser.problem("account").startswith("This e-mail address cannot be used")
        await browser.send("/signup", account="new", newPassword="")
        assert browser.problem("newPassword") == "Fill this in."
        form = browser.form("/signup")
        fields = form.fields | {"token": "", "account": "x1", "newPassword": PASSWORD}
        assert (await browser.post(form.action, fields)).status_code == 403
    assert await rows(world, "SELECT count(*) FROM users") == [(1,)]


async def test_where_accounts_are_hidden_a_taken_address_looks_like_a_new_one(
    world: World,
) -> None:
    app = await world.app()
    await world.set_pool(app.pool_id, hideExistingAccounts="true")
    await world.person("ann", app, sign_in=False, email="ann@example.com", email_verified=True)
    seen = []
    for address in ("ann@example.com", "new@example.com"):
        with browsing(world) as browser:
            await browser.open("/signup", app_id=app.app_id)
            await browser.send("/signup", account=address, newPassword="some other password")
            seen.append(browser.words.replace(address[0], "?"))
            assert "We mailed a link to" in browser.words
    assert len({len(words) for words in seen}) == 1


async def test_where_addresses_must_be_confirmed_a_link_is_mailed(world: World) -> None:
    app = await world.app()
    await world.set_pool(app.pool_id, loginRequireEmailVerified="true")
    with browsing(world) as browser:
        await browser.open("/signup", app_id=app.app_id)
        await browser.send("/signup", account="new@example.com", newPassword=PASSWORD)
        assert "We mailed a link to n•••@example.com" in browser.words
        await world.mail.of("new@example.com", "console_conducted_verify")
