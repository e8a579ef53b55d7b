"""`POST /api/v3/verify-delete-account-request`."""

from __future__ import annotations

import pytest

from tests.support.backstage import (
    CODE_EXPIRED,
    CODE_INCORRECT,
    EMAIL_INVALID,
    INVALID_REQUEST,
    NOT_SIGNED_IN,
    NOT_SUPPORTED,
    OK,
    TOO_MANY_REQUESTS,
    USER_SUSPENDED,
    WRONG_CREDENTIALS,
    change,
    rows,
    said,
    set_status,
    wrong,
)
from tests.support.life import (
    CHANGES_PAUSED,
    NO_EMAIL_BOUND,
    OLD_EMAIL_MISMATCH,
    REAUTHENTICATION_REQUIRED,
    TOKEN_INVALID,
    code_for,
    deletes,
    deletion_token,
    encrypted,
    proves_deletion,
    sign_in,
)
from tests.support.links import bind
from tests.support.world import PASSWORD, Person, World

VERIFY = "/api/v3/verify-delete-account-request"
ANN = "ann@example.com"


async def test_a_code_is_good_for_one_token_that_lives_a_minute(world: World) -> None:
    ann = await world.person("ann", email=ANN)
    code = await code_for(world, ann.app, ANN, "DELETE_ACCOUNT", ann.token)
    answer = await proves_deletion(ann, email="Ann@Example.com", passCode=code)
    assert said(answer) == OK
    assert answer["data"].keys() == {"deleteAccountToken", "tokenExpiresIn"}
    assert answer["data"]["tokenExpiresIn"] == 60
    token = answer["data"]["deleteAccountToken"]
    assert len(token) >= 43  # 256 random bits
    assert (await rows(world, "SELECT digest FROM step_tokens"))[0][0] != token
    assert said(await proves_deletion(ann, email=ANN, passCode=code)) == CODE_INCORRECT
    # Asked for by a back-end that has no token of hers, it is for her all the same.
    unasked = await code_for(world, ann.app, ANN, "DELETE_ACCOUNT")
    assert said(await proves_deletion(ann, passCode=unasked)) == OK


async def test_only_a_live_code_for_this_and_this_account_will_do(still: World) -> None:
    app = await still.app()
    ann = await still.person("ann", app, email=ANN)
    bob = await still.person("bob", app, email="bob@example.com")
    of_unbind = await code_for(still, app, ANN, "UNBIND_EMAIL", ann.token)
    code = await code_for(still, app, ANN, "DELETE_ACCOUNT", ann.token)
    for bad in {of_unbind, wrong(code)} - {code}:
        assert said(await proves_deletion(ann, passCode=bad)) == CODE_INCORRECT
    assert said(await proves_deletion(bob, passCode=code)) == CODE_INCORRECT
    assert said(await proves_deletion(bob, email=ANN, passCode=code)) == OLD_EMAIL_MISMATCH
    still.clock.advance(300)
    assert said(await proves_deletion(ann, passCode=code)) == CODE_EXPIRED
    still.clock.advance(-1)
    assert said(await proves_deletion(ann, passCode=code)) == OK


async def test_what_the_request_needs(world: World) -> None:
    ann = await world.person("ann", email=ANN)
    for body, refusal in (
        ({}, INVALID_REQUEST),
        ({"verifyMethod": "WISH"}, INVALID_REQUEST),
        ({"verifyMethod": "EMAIL_PASSCODE"}, INVALID_REQUEST),
        ({"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": {}}, INVALID_REQUEST),
        ({"verifyMethod": "PASSWORD"}, INVALID_REQUEST),
        (
            {"verifyMethod": "PASSWORD", "passwordPayload": {"password": PASSWORD}},
            NOT_SUPPORTED,  # she has an address, so a code is asked for
        ),
        (
            {
                "verifyMethod": "PHONE_PASSCODE",
                "phonePassCodePayload": {"phoneNumber": "1", "passCode": "1"},
                "emailPassCodePayload": {"email": "", "passCode": None},
            },
            NOT_SUPPORTED,
        ),
    ):
        assert said(await ann.post(VERIFY, body)) == refusal, body
    assert said(await proves_deletion(ann, email="no", passCode="1")) == EMAIL_INVALID
    nobody = Person(world, ann.app, "", "")
    assert said(await proves_deletion(nobody, passCode="123456")) == NOT_SIGNED_IN
    assert said(await proves_deletion(nobody, password=PASSWORD)) == NOT_SIGNED_IN
    await set_status(world, ann.user_id, "Suspended")
    assert said(await proves_deletion(ann, passCode="123456")) == USER_SUSPENDED
    assert await rows(world, "SELECT digest FROM step_tokens") == []


async def test_without_an_address_the_password_is_the_proof(world: World) -> None:
    ann = await world.person("ann")
    assert said(await proves_deletion(ann, passCode="123456")) == NO_EMAIL_BOUND
    assert said(await proves_deletion(ann, password="a wrong guess")) == WRONG_CREDENTIALS
    answer = await proves_deletion(ann, password=PASSWORD)
    assert said(answer) == OK and answer["data"]["tokenExpiresIn"] == 60
    await change(world, "UPDATE users SET password_hash = NULL WHERE id = :id", id=ann.user_id)
    assert said(await proves_deletion(ann, password=PASSWORD)) == WRONG_CREDENTIALS


@pytest.mark.parametrize("kind", ["rsa", "sm2"])
async def test_the_password_may_come_encrypted(world: World, kind: str) -> None:
    ann = await world.person("ann")
    cipher_text = await encrypted(world, kind, PASSWORD)
    how = {"passwordEncryptType": kind}
    assert said(await proves_deletion(ann, password=cipher_text, **how)) == OK
    other = await encrypted(world, kind, "a wrong guess")
    assert said(await proves_deletion(ann, password=other, **how)) == WRONG_CREDENTIALS
    assert said(await proves_deletion(ann, password=cipher_text)) == WRONG_CREDENTIALS


async def test_guessing_the_password_is_slowed_down_as_at_the_sign_in(still: World) -> None:
    app = await still.app(await still.pool(limits__passwordFailures="1"), auth="none")
    ann = await still.person("ann", app)
    assert said(await proves_deletion(ann, password="a wrong guess")) == WRONG_CREDENTIALS
    assert said(await proves_deletion(ann, password="a wrong guess")) == TOO_MANY_REQUESTS
    limited = await proves_deletion(ann, password=PASSWORD)
    assert said(limited) == TOO_MANY_REQUESTS and limited["data"] == {"retryAfter": 1}
    assert said(await sign_in(still, app, username="ann")) == OK  # never a lock-out
    still.clock.advance(1)
    assert said(await proves_deletion(ann, password=PASSWORD)) == OK
    assert said(await proves_deletion(ann, password="a wrong guess")) == WRONG_CREDENTIALS


async def test_not_while_changes_rest_nor_long_after_the_sign_in(world: World) -> None:
    app = await world.app(await world.pool(reauthenticateWithin="3600"))
    ann, bob = await world.person("ann", app, email=ANN), await world.person("bob", app)
    code = await code_for(world, app, ANN, "DELETE_ACCOUNT", ann.token)
    pause = "UPDATE users SET changes_paused_until = :until"
    await change(world, pause, until=world.clock() + 60_000)
    assert said(await proves_deletion(ann, passCode=code)) == CHANGES_PAUSED
    assert said(await proves_deletion(bob, password=PASSWORD)) == CHANGES_PAUSED
    await change(world, pause, until=0)
    world.clock.advance(3600)
    assert said(await proves_deletion(ann, passCode=code)) == REAUTHENTICATION_REQUIRED
    assert said(await proves_deletion(bob, password=PASSWORD)) == REAUTHENTICATION_REQUIRED
    for person, email in ((ann, ANN), (bob, None)):
        await person.sign_in()
        assert await deletion_token(person, email)


async def test_an_address_bound_with_an_old_session_is_on_probation(world: World) -> None:
    ann = await world.person("ann")
    world.clock.advance(16 * 60)
    await bind(ann, ANN)
    code = await code_for(world, ann.app, ANN, "DELETE_ACCOUNT", ann.token)
    assert said(await proves_deletion(ann, passCode=code)) == CHANGES_PAUSED
    assert said(await proves_deletion(ann, password=PASSWORD)) == NOT_SUPPORTED
    world.clock.advance(24 * 3600)
    assert await deletion_token(ann, ANN)


async def test_a_second_token_voids_the_first(world: World) -> None:
    ann = await world.person("ann")
    first, second = await deletion_token(ann), await deletion_token(ann)
    assert said(await deletes(ann, first)) == TOKEN_INVALID
    assert said(await deletes(ann, second)) == OK
