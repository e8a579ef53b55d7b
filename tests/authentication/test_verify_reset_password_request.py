"""`POST /api/v3/verify-reset-password-request`."""

from __future__ import annotations

from tests.support.backstage import (
    CODE_EXPIRED,
    CODE_INCORRECT,
    EMAIL_INVALID,
    INVALID_REQUEST,
    NOT_SUPPORTED,
    OK,
    TOO_MANY_REQUESTS,
    USER_NOT_FOUND,
    USER_SUSPENDED,
    change,
    rows,
    said,
    set_status,
    wrong,
)
from tests.support.life import (
    CHANGES_PAUSED,
    TOKEN_INVALID,
    code_for,
    proves_reset,
    reset_token,
    resets,
    updates_password,
)
from tests.support.links import bind
from tests.support.world import PASSWORD, World

VERIFY, SEND = "/api/v3/verify-reset-password-request", "/api/v3/send-email"
ANN, NEW = "ann@example.com", "a brand new password"


async def test_a_code_is_good_for_one_token_that_lives_five_minutes(world: World) -> None:
    app = await world.app()
    await world.person("ann", app, sign_in=False, email=ANN)
    code = await code_for(world, app, ANN, "RESET_PASSWORD")
    answer = await proves_reset(world, app, "Ann@Example.com", code)
    assert said(answer) == OK
    assert answer["data"].keys() == {"passwordResetToken", "tokenExpiresIn"}
    assert answer["data"]["tokenExpiresIn"] == 300
    token = answer["data"]["passwordResetToken"]
    assert len(token) >= 43  # 256 random bits
    assert (await rows(world, "SELECT digest FROM step_tokens"))[0][0] != token
    assert said(await proves_reset(world, app, ANN, code)) == CODE_INCORRECT


async def test_where_there_is_no_account_the_mail_says_so(world: World) -> None:
    app = await world.app()
    body = {"email": "nobody@example.com", "channel": "CHANNEL_RESET_PASSWORD"}
    assert said(await world.post(SEND, body, app=app)) == OK
    mail = await world.mail.to("nobody@example.com")
    assert (mail.template, mail.code) == ("no_account_here", None)
    assert said(await proves_reset(world, app, "nobody@example.com", "123456")) == CODE_INCORRECT


async def test_only_a_live_code_for_this_and_this_address_will_do(still: World) -> None:
    app = await still.app()
    await still.person("ann", app, sign_in=False, email=ANN)
    await still.person("bob", app, sign_in=False, email="bob@example.com")
    of_sign_in = await code_for(still, app, ANN, "LOGIN")
    code = await code_for(still, app, ANN, "RESET_PASSWORD")
    for bad in {of_sign_in, wrong(code)} - {code}:
        assert said(await proves_reset(still, app, ANN, bad)) == CODE_INCORRECT
    assert said(await proves_reset(still, app, "bob@example.com", code)) == CODE_INCORRECT
    elsewhere = await still.app()
    assert said(await proves_reset(still, elsewhere, ANN, code)) == CODE_INCORRECT
    still.clock.advance(300)
    assert said(await proves_reset(still, app, ANN, code)) == CODE_EXPIRED
    still.clock.advance(-1)
    assert said(await proves_reset(still, app, ANN, code)) == OK


async def test_what_the_request_needs(world: World) -> None:
    app = await world.app()
    for body, refusal in (
        ({}, INVALID_REQUEST),
        ({"verifyMethod": "PASSWORD"}, INVALID_REQUEST),
        ({"verifyMethod": "EMAIL_PASSCODE"}, INVALID_REQUEST),
        (
            {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": {"passCode": "1"}},
            INVALID_REQUEST,
        ),
        (
            {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": {"email": ANN}},
            INVALID_REQUEST,
        ),
        (
            {
                "verifyMethod": "PHONE_PASSCODE",
                "phonePassCodePayload": {"phoneNumber": "1", "passCode": "1"},
                "emailPassCodePayload": {"passCode": None},
            },
            NOT_SUPPORTED,
        ),
    ):
        assert said(await world.post(VERIFY, body, app=app)) == refusal, body
    assert said(await proves_reset(world, app, "not an address", "1")) == EMAIL_INVALID


async def test_what_stands_against_it_is_said_after_the_proof_only(world: World) -> None:
    app = await world.app()
    ann = await world.person("ann", app, sign_in=False, email=ANN)
    code = await code_for(world, app, ANN, "RESET_PASSWORD")
    await set_status(world, ann.user_id, "Suspended")
    assert said(await proves_reset(world, app, ANN, wrong(code))) == CODE_INCORRECT
    assert said(await proves_reset(world, app, ANN, code)) == USER_SUSPENDED
    await set_status(world, ann.user_id, "Activated")
    pause = "UPDATE users SET changes_paused_until = :until WHERE id = :id"
    await change(world, pause, until=world.clock() + 60_000, id=ann.user_id)
    assert said(await proves_reset(world, app, ANN, code)) == CHANGES_PAUSED
    await change(world, pause, until=0, id=ann.user_id)
    move = "UPDATE users SET email = :email WHERE id = :id"
    await change(world, move, email="new@example.com", id=ann.user_id)
    assert said(await proves_reset(world, app, ANN, code)) == USER_NOT_FOUND
    await change(world, move, email=ANN, id=ann.user_id)
    assert said(await proves_reset(world, app, ANN, code)) == OK  # none of it spent the code


async def test_an_address_bound_with_an_old_session_is_on_probation(world: World) -> None:
    ann = await world.person("ann")
    world.clock.advance(16 * 60)
    await bind(ann, ANN)
    code = await code_for(world, ann.app, ANN, "RESET_PASSWORD")
    assert said(await proves_reset(world, ann.app, ANN, code)) == USER_NOT_FOUND
    world.clock.advance(24 * 3600)
    assert await reset_token(world, ann.app, ANN)


async def test_a_second_token_voids_the_first(world: World) -> None:
    app = await world.app()
    await world.person("ann", app, sign_in=False, email=ANN)
    first, second = await reset_token(world, app, ANN), await reset_token(world, app, ANN)
    assert said(await resets(world, app, first, NEW)) == TOKEN_INVALID
    assert said(await resets(world, app, second, NEW)) == OK


async def test_a_code_is_dead_once_the_password_was_changed(world: World) -> None:
    ann = await world.person("ann", email=ANN)
    code = await code_for(world, ann.app, ANN, "RESET_PASSWORD")
    assert said(await updates_password(ann, NEW, oldPassword=PASSWORD)) == OK
    assert said(await proves_reset(world, ann.app, ANN, code)) == CODE_INCORRECT


async def test_one_client_may_try_so_often_an_hour(still: World) -> None:
    app = await still.app(await still.pool(limits__signInsPerClientHour="1"))
    assert said(await proves_reset(still, app, ANN, "123456")) == CODE_INCORRECT
    refused = await proves_reset(still, app, ANN, "123456")
    assert said(refused) == TOO_MANY_REQUESTS
    still.clock.advance(refused["data"]["retryAfter"])
    assert said(await proves_reset(still, app, ANN, "123456")) == CODE_INCORRECT
