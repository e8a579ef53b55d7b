"""`POST /api/v3/bind-email`."""

from __future__ import annotations

from typing import Any

from tests.support import links
from tests.support.backstage import (
    CHANGES_PAUSED,
    CODE_EXPIRED,
    CODE_INCORRECT,
    EMAIL_ALREADY_BOUND,
    EMAIL_INVALID,
    EMAIL_TAKEN,
    NOT_SIGNED_IN,
    OK,
    REAUTHENTICATION_REQUIRED,
    USER_NOT_FOUND,
    USER_SUSPENDED,
    change,
    rows,
    said,
    set_status,
    wrong,
)
from tests.support.world import Person, World


async def test_ann_binds_her_address(world: World) -> None:
    ann = await world.person("ann")
    await ann.asks_to_bind("Ann@Example.com")
    answer = await ann.binds("aNN@example.COM", await world.code("ann@example.com"))
    assert answer["statusCode"] == 200
    assert answer["message"] == "Operation successful"
    profile = (await ann.get("/api/v3/get-profile"))["data"]
    assert (profile["email"], profile["emailVerified"]) == ("ann@example.com", True)
    receipt = await world.mail.to("ann@example.com", 2)
    assert receipt.template == "email_bound"


async def test_of_two_with_a_code_for_one_address_the_second_is_told_that_it_is_taken(
    world: World,
) -> None:
    app = await world.app()
    ann, bob = await world.person("ann", app), await world.person("bob", app)
    await ann.asks_to_bind("one@example.com")
    first = await world.code("one@example.com")
    world.clock.advance(61)
    await bob.asks_to_bind("one@example.com")
    second = await world.code("one@example.com", 2)
    assert (await ann.binds("one@example.com", first))["statusCode"] == 200
    for _ in range(7):  # a right code takes no tries, however often it is refused
        refused = await bob.binds("one@example.com", second)
        assert (refused["statusCode"], refused["apiCode"]) == (409, 2200)


async def test_each_refusal_leaves_the_account_as_it_was_and_the_code_unspent(
    still: World,
) -> None:
    ann = await still.person("ann")
    await ann.asks_to_bind("ann@example.com")
    code = await still.code("ann@example.com")
    nobody = Person(still, ann.app, "", "")
    assert said(await nobody.binds("ann@example.com", code)) == NOT_SIGNED_IN
    assert said(await ann.binds("not an address", code)) == EMAIL_INVALID
    assert said(await ann.binds("ann@example.com", wrong(code))) == CODE_INCORRECT
    assert said(await ann.binds("other@example.com", code)) == CODE_INCORRECT
    still.clock.advance(301)
    assert said(await ann.binds("ann@example.com", code)) == CODE_EXPIRED
    still.clock.advance(-301)
    await set_status(still, ann.user_id, "Suspended")
    assert said(await ann.binds("ann@example.com", code)) == USER_SUSPENDED
    await set_status(still, ann.user_id, "Activated")
    assert (await ann.get("/api/v3/get-profile"))["data"]["email"] is None
    bound = "SELECT 1 FROM audit_log WHERE event = 'bindEmail' AND succeeded = 1"
    assert await rows(still, bound) == []
    assert said(await ann.binds("ann@example.com", code)) == OK
    again = await ann.binds("ann@example.com", code)
    assert said(again) == EMAIL_ALREADY_BOUND


async def test_a_bind_is_on_record_and_the_receipt_speaks_of_nothing_typed(still: World) -> None:
    ann = await still.person("ann")
    name = "UPDATE users SET name = 'http://mallory.example.net' WHERE id = :id"
    await change(still, name, id=ann.user_id)
    await ann.asks_to_bind("ann@example.com")
    answer = await ann.binds("ann@example.com", await still.code("ann@example.com"))
    assert said(answer) == OK and "data" not in answer
    (event,) = await rows(
        still,
        "SELECT user_id, app_id, request_id, succeeded FROM audit_log WHERE event = 'bindEmail'",
    )
    assert event == (ann.user_id, ann.app.app_id, answer["requestId"], 1)
    receipt = await still.mail.to("ann@example.com", 2)
    assert receipt.code is None and "mallory" not in receipt.text + receipt.html


async def test_the_same_address_may_be_bound_in_another_pool(world: World) -> None:
    ann, twin = await world.person("ann"), await world.person("ann")
    await ann.asks_to_bind("ann@example.com")
    assert said(await ann.binds("ann@example.com", await world.code("ann@example.com"))) == OK
    await world.mail.to("ann@example.com", 2)
    await twin.asks_to_bind("ann@example.com")
    assert said(await twin.binds("ann@example.com", await world.code("ann@example.com", 3))) == OK


async def test_a_taken_address_is_told_only_to_who_proved_the_mailbox(world: World) -> None:
    app = await world.app()
    await world.person("ann", app, sign_in=False, email="ann@example.com")
    mallory = await world.person("mallory", app)
    assert said(await mallory.asks_to_bind("ann@example.com")) == OK
    code = await world.code("ann@example.com")
    assert said(await mallory.binds("ann@example.com", wrong(code))) == CODE_INCORRECT
    assert said(await mallory.binds("ann@example.com", code)) == EMAIL_TAKEN


DAY = 24 * 3600
OWN, THIEFS = "ann@example.com", "thief@example.com"


async def asks_to_reset(person: Person, email: str) -> dict[str, Any]:
    code = await links.code(person, email, "CHANNEL_RESET_PASSWORD", signed_in=False)
    shown = {"email": email, "passCode": code}
    body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": shown}
    path = "/api/v3/verify-reset-password-request"
    return await person.world.post(path, body, app=person.app)


async def asks_to_delete(person: Person, email: str) -> dict[str, Any]:
    code = await links.code(person, email, "CHANNEL_DELETE_ACCOUNT")
    body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": {"passCode": code}}
    return await person.post("/api/v3/verify-delete-account-request", body)


async def signs_in_by_code(person: Person, email: str) -> dict[str, Any]:
    code = await links.code(person, email, "CHANNEL_LOGIN", signed_in=False)
    body = {
        "connection": "PASSCODE",
        "passCodePayload": {"email": email, "passCode": code},
        "client_id": person.app.app_id,
        "client_secret": person.app.secret,
    }
    return await person.world.post("/api/v3/signin", body, app=person.app)


async def thief_binds(world: World) -> Person:
    """Somebody holds Ann's token long after she signed in, and binds an address of their own."""
    thief = await world.person("ann")
    world.clock.advance(15 * 60)
    await links.bind(thief, THIEFS)  # asking for the code takes another minute
    return thief


async def opens_nothing(thief: Person, email: str) -> None:
    """The address neither resets the password nor deletes the account nor signs in."""
    assert said(await asks_to_reset(thief, email)) == USER_NOT_FOUND
    assert said(await signs_in_by_code(thief, email)) == USER_NOT_FOUND
    assert said(await asks_to_delete(thief, email)) == CHANGES_PAUSED


class TestProbation:
    async def test_an_address_bound_long_after_the_sign_in_opens_nothing(
        self, still: World
    ) -> None:
        await opens_nothing(await thief_binds(still), THIEFS)

    async def test_it_ends_after_a_day(self, still: World) -> None:
        thief = await thief_binds(still)
        still.clock.advance(DAY)
        assert said(await signs_in_by_code(thief, THIEFS)) == OK
        assert said(await asks_to_reset(thief, THIEFS)) == OK
        assert said(await asks_to_delete(thief, THIEFS)) == OK

    async def test_it_lasts_to_the_last_millisecond(self, still: World) -> None:
        thief = await thief_binds(still)
        still.clock.advance(DAY - 61 - 0.001)
        assert said(await signs_in_by_code(thief, THIEFS)) == USER_NOT_FOUND
        still.clock.advance(0.001)
        assert said(await signs_in_by_code(thief, THIEFS)) == OK

    async def test_there_is_none_within_a_quarter_of_an_hour(self, still: World) -> None:
        ann = await still.person("ann")
        still.clock.advance(15 * 60 - 61)
        await links.bind(ann, OWN)
        assert said(await signs_in_by_code(ann, OWN)) == OK
        assert said(await asks_to_delete(ann, OWN)) == OK
        assert said(await asks_to_reset(ann, OWN)) == OK

    async def test_there_is_none_where_the_address_is_the_only_way_in(self, still: World) -> None:
        thief = await thief_binds(still)
        await change(
            still, "UPDATE users SET password_hash = NULL WHERE id = :id", id=thief.user_id
        )
        assert said(await signs_in_by_code(thief, THIEFS)) == OK
        assert said(await asks_to_reset(thief, THIEFS)) == OK

    async def test_a_change_of_the_address_does_not_end_it(self, still: World) -> None:
        thief = await thief_binds(still)
        await links.change(thief, THIEFS, "second@example.com")
        await opens_nothing(thief, "second@example.com")

    async def test_an_undo_of_a_change_does_not_end_it(self, still: World) -> None:
        thief = await thief_binds(still)
        notice = await links.change(thief, THIEFS, "second@example.com")
        await links.press(still, links.url_in(notice, "undo"))
        assert await links.address_of(thief) == THIEFS
        assert said(await signs_in_by_code(thief, THIEFS)) == USER_NOT_FOUND

    async def test_taking_it_off_and_an_undo_do_not_end_it(self, still: World) -> None:
        thief = await thief_binds(still)
        notice = await links.unbind(thief, THIEFS)
        ann = Person(still, thief.app, thief.user_id, "ann")
        await ann.sign_in()
        await links.bind(ann, OWN)
        await links.press(still, links.url_in(notice, "undo"))
        assert await links.address_of(ann) == THIEFS
        assert said(await signs_in_by_code(ann, THIEFS)) == USER_NOT_FOUND

    async def test_it_outlasts_a_word_of_the_mailbox_that_this_was_not_me(
        self, still: World
    ) -> None:
        ann = await still.person("ann")
        still.clock.advance(16 * 60)
        receipt = await links.bind(ann, THIEFS)
        await links.press(still, links.url_in(receipt, "not-me"))
        await ann.sign_in()
        await links.bind(ann, OWN)
        assert said(await signs_in_by_code(ann, OWN)) == USER_NOT_FOUND
        still.clock.advance(DAY)
        assert said(await signs_in_by_code(ann, OWN)) == OK


async def test_changes_rest_after_an_undo(still: World) -> None:
    ann = await still.person("ann")
    bob = await still.person("bob", ann.app)
    await links.bind(ann, OWN)
    notice = await links.change(ann, OWN, "new@example.com")
    await links.bind(bob, OWN)
    await links.press(still, links.url_in(notice, "undo"))  # it is Bob's now: only taken off
    await ann.sign_in()
    code = await links.code(ann, "third@example.com", "CHANNEL_BIND_EMAIL")
    assert said(await ann.binds("third@example.com", code)) == CHANGES_PAUSED
    assert await links.address_of(ann) is None


async def test_a_pool_may_ask_for_a_fresh_sign_in(still: World) -> None:
    ann = await still.person("ann", await still.app(await still.pool(reauthenticateWithin="60")))
    code = await links.code(ann, OWN, "CHANNEL_BIND_EMAIL")  # 61 seconds pass
    assert said(await ann.binds(OWN, code)) == REAUTHENTICATION_REQUIRED
    still.clock.advance(-1)
    assert said(await ann.binds(OWN, code)) == OK
