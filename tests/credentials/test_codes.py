"""One-time codes: what each is good for."""

from __future__ import annotations

from gatepost.vocabulary.user_pool import PoolSettings
from tests.support.backstage import (
    CODE_INCORRECT,
    NOT_SIGNED_IN,
    OK,
    rows,
    said,
    wrong,
)
from tests.support.codes import BIND, LOGIN, ask, enter, looks, roomy_app
from tests.support.world import World


async def test_a_code_opens_one_thing_for_one_person_in_one_pool(still: World) -> None:
    app = await roomy_app(still)
    ann, bob = await still.person("ann", app), await still.person("bob", app)
    mallory = await still.person("mallory", await roomy_app(still))
    await ann.asks_to_bind("ann@example.com")
    code = await still.code("ann@example.com")
    for other in (bob, mallory):
        assert said(await other.binds("ann@example.com", code)) == CODE_INCORRECT
        assert not await looks(other, "ann@example.com", code)
    assert said(await ann.binds("ann2@example.com", code)) == CODE_INCORRECT
    assert said(await enter(still, app, "ann@example.com", code)) == CODE_INCORRECT
    assert not await looks(ann, "ann@example.com", code, LOGIN)
    assert not await looks(ann, "ann@example.com", code, "CHANNEL_UNBIND_EMAIL")
    # None of these looks was at her code: all of its tries are left.
    for _ in range(4):
        assert said(await ann.binds("ann@example.com", wrong(code))) == CODE_INCORRECT
    assert said(await ann.binds("ann@example.com", code)) == OK


async def test_a_code_works_once(still: World) -> None:
    app = await roomy_app(still)
    await still.person("ann", app, sign_in=False, email="ann@example.com")
    await ask(still, app, "ann@example.com")
    code = await still.code("ann@example.com")
    assert said(await enter(still, app, "ann@example.com", code)) == OK
    assert said(await enter(still, app, "ann@example.com", code)) == CODE_INCORRECT
    still.clock.advance(61)
    await ask(still, app, "ann@example.com")
    assert await still.code("ann@example.com", 2) != code


async def test_a_bind_code_asked_for_without_a_sign_in_is_for_the_first_who_shows_it(
    still: World,
) -> None:
    app = await roomy_app(still)
    ann, bob = await still.person("ann", app), await still.person("bob", app)
    await ask(still, app, "team@example.com", BIND)
    code = await still.code("team@example.com")
    assert await looks(ann, "team@example.com", code)
    assert await looks(bob, "team@example.com", code)
    assert said(await bob.binds("team@example.com", code)) == OK
    assert said(await ann.binds("team@example.com", code)) == CODE_INCORRECT


async def test_a_pool_may_want_bind_codes_to_be_asked_for_by_signed_in_users(still: World) -> None:
    app = await roomy_app(still, codesNeedSignIn="true")
    ann = await still.person("ann", app)
    assert said(await ask(still, app, "ann@example.com", BIND)) == NOT_SIGNED_IN
    assert said(await ask(still, app, "ann@example.com", LOGIN)) == OK
    assert said(await ann.asks_to_bind("ann@example.com")) == OK
    codes = await rows(still, "SELECT channel, subject FROM verification_codes ORDER BY channel")
    assert codes == [(BIND, ann.user_id), (LOGIN, "")]


async def test_white_space_around_a_code_is_no_mistake_other_digits_are(still: World) -> None:
    ann = await still.person("ann", await roomy_app(still))
    await ann.asks_to_bind("ann@example.com")
    code = await still.code("ann@example.com")
    full_width = code.translate({ord("0") + n: ord("０") + n for n in range(10)})
    arabic = code.translate({ord("0") + n: ord("٠") + n for n in range(10)})
    for answer in (full_width, arabic, f"{code[:3]} {code[3:]}", f"+{code}"):
        assert said(await ann.binds("ann@example.com", answer)) == CODE_INCORRECT
    number = await ann.post(
        "/api/v3/bind-email", {"email": "ann@example.com", "passCode": int(code)}
    )
    assert said(number) == (400, None) and "passCode" in number["message"]
    ((tries,),) = await rows(still, "SELECT tries FROM verification_codes")
    assert tries == 4
    assert await looks(ann, "ann@example.com", f"\u3000{code}\t")
    assert said(await ann.binds("ann@example.com", f"  {code}\r\n")) == OK


async def test_all_codes_of_an_account_die_when_its_address_changes(still: World) -> None:
    app = await roomy_app(still)
    ann, bob = await still.person("ann", app), await still.person("bob", app)
    await ann.asks_to_bind("one@example.com")
    await ann.asks_to_bind("two@example.com")
    still.clock.advance(61)
    await bob.asks_to_bind("two@example.com")
    await still.code("two@example.com", 2)
    assert said(await ann.binds("one@example.com", await still.code("one@example.com"))) == OK
    live = "SELECT subject FROM verification_codes WHERE spent_at IS NULL"
    assert await rows(still, live) == [(bob.user_id,)]


async def test_a_stolen_database_holds_no_code(still: World) -> None:
    ann = await still.person("ann", await roomy_app(still))
    await ann.asks_to_bind("ann@example.com")
    code = await still.code("ann@example.com")
    columns = "nonce, key_id, id, digits, tries"
    (row,) = await rows(still, f"SELECT {columns} FROM verification_codes")
    assert code not in str(row)
    for (variables,) in await rows(still, "SELECT variables_sealed FROM outbox"):
        assert variables is None or code not in variables


async def test_the_length_and_the_life_of_codes_are_settings_of_the_pool(still: World) -> None:
    settings = PoolSettings()
    assert (settings.verifyCodeLength, settings.verifyCodeMaxAttempts) == (6, 5)
    assert (settings.verifyCodeExpiresIn, settings.verifyCodeLongestLife) == (300, 600)
    for length in (4, 10):
        app = await roomy_app(
            still,
            verifyCodeLength=str(length),
            verifyCodeExpiresIn="120",
            verifyCodeMaxAttempts="1",
        )
        ann = await still.person("ann", app)
        email = f"ann{length}@example.com"
        await ann.asks_to_bind(email)
        mail = await still.mail.to(email)
        assert len(mail.code or "") == length and "2 minutes" in mail.text
        assert await looks(ann, email, mail.code or "")
        assert said(await ann.binds(email, wrong(mail.code or ""))) == CODE_INCORRECT
        assert said(await ann.binds(email, mail.code or "")) == CODE_INCORRECT
