"""`POST /api/v3/bind-email`."""

from __future__ import annotations

from tests.support.backstage import (
    CODE_EXPIRED,
    CODE_INCORRECT,
    EMAIL_ALREADY_BOUND,
    EMAIL_INVALID,
    EMAIL_TAKEN,
    NOT_SIGNED_IN,
    OK,
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
    assert await rows(still, "SELECT 1 FROM audit_log WHERE event = 'bindEmail'") == []
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
