"""`POST /api/v3/signup`."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.support.backstage import (
    CODE_EXPIRED,
    CODE_INCORRECT,
    EMAIL_INVALID,
    INVALID_REQUEST,
    NOT_SUPPORTED,
    OK,
    TOO_MANY_REQUESTS,
    WRONG_CREDENTIALS,
    calling_from,
    footprint,
    rows,
    said,
    wrong,
)
from tests.support.life import (
    PASSWORD_TOO_WEAK,
    REGISTRATION_CLOSED,
    USER_EXISTS,
    USERNAME_TAKEN,
    code_for,
    encrypted,
    sign_in,
    sign_in_by_code,
    sign_up,
)
from tests.support.world import PASSWORD, World

SIGN_UP = "/api/v3/signup"
ANN = "ann@example.com"
MINE = "a password of Mallory's"


async def test_ann_signs_up_with_a_user_name(world: World) -> None:
    app = await world.app(auth="none")
    said_of_herself = {"nickname": "Annie", "gender": "F", "givenName": "Ann"}
    answer = await sign_up(world, app, profile=said_of_herself, username="Ann")
    assert said(answer) == OK
    data = answer["data"]
    assert (data["username"], data["nickname"], data["givenName"]) == ("Ann", "Annie", "Ann")
    assert (data["email"], data["emailVerified"], data["status"]) == (None, False, "Activated")
    assert len(data["userId"]) == 24
    assert not {name for name in data if "token" in name.lower()}
    entered = await sign_in(world, app, username="ann")
    profile = await world.get("/api/v3/get-profile", token=entered["data"]["access_token"])
    assert profile["data"]["userId"] == data["userId"]
    assert profile["data"]["nickname"] == "Annie"
    assert profile["data"]["loginsCount"] == 1
    events = await rows(world, "SELECT event, user_id, client_address FROM audit_log")
    assert events[0] == ("register", data["userId"], "127.0.0.1")
    assert await rows(world, "SELECT id FROM outbox") == []


async def test_an_address_that_came_with_a_password_is_unproved(world: World) -> None:
    app = await world.app(auth="none")
    answer = await sign_up(world, app, email="Ann@Example.com", username="ann")
    assert said(answer) == OK
    assert (answer["data"]["email"], answer["data"]["emailVerified"]) == (ANN, False)
    for name in ({"email": ANN}, {"username": "ANN"}, {"account": "ann@EXAMPLE.com"}):
        assert said(await sign_in(world, app, **name)) == OK
    assert await rows(world, "SELECT id FROM outbox") == []


async def test_a_code_proves_the_address_and_is_spent(world: World) -> None:
    app = await world.app(auth="none")
    code = await code_for(world, app, ANN, "REGISTER")
    answer = await sign_up(world, app, {"nickname": "A"}, email="ANN@example.com", passCode=code)
    assert said(answer) == OK
    data = answer["data"]
    assert (data["email"], data["emailVerified"], data["username"]) == (ANN, True, None)
    assert said(await sign_up(world, app, email=ANN, passCode=code)) == CODE_INCORRECT
    assert said(await sign_in(world, app, email=ANN)) == WRONG_CREDENTIALS
    entered = await sign_in_by_code(world, app, ANN, await code_for(world, app, ANN, "LOGIN"))
    assert said(entered) == OK


PAYLOAD = {"username": "ann", "password": PASSWORD}


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, INVALID_REQUEST),
        ({"connection": "SOCIAL"}, INVALID_REQUEST),
        ({"connection": "PASSWORD"}, INVALID_REQUEST),
        ({"connection": "PASSWORD", "passwordPayload": {"password": PASSWORD}}, INVALID_REQUEST),
        ({"connection": "PASSWORD", "passwordPayload": {"username": "ann"}}, INVALID_REQUEST),
        ({"connection": "PASSCODE"}, INVALID_REQUEST),
        ({"connection": "PASSCODE", "passCodePayload": {"passCode": "1"}}, INVALID_REQUEST),
        (
            {"connection": "PASSCODE", "passCodePayload": {"passCode": "1", "phone": "1"}},
            NOT_SUPPORTED,
        ),
        (
            {"connection": "PASSCODE", "passCodePayload": {"passCode": "1", "email": "no"}},
            EMAIL_INVALID,
        ),
        (
            {"connection": "PASSCODE", "passCodePayload": {"passCode": "123456", "email": ANN}},
            CODE_INCORRECT,
        ),
    ],
)
async def test_what_a_sign_up_needs(
    world: World, body: dict[str, Any], refusal: tuple[int, int | None]
) -> None:
    app = await world.app()
    assert said(await world.post(SIGN_UP, body, app=app)) == refusal
    assert await rows(world, "SELECT id FROM users") == []


async def test_names_and_passwords_that_cannot_be(world: World) -> None:
    app = await world.app()
    for payload, refusal in (
        ({"username": "ann@example.com"}, INVALID_REQUEST),
        ({"username": "a nn"}, INVALID_REQUEST),
        ({"username": "a" * 65}, INVALID_REQUEST),
        ({"username": "", "email": ""}, INVALID_REQUEST),
        ({"email": "not an address"}, EMAIL_INVALID),
        ({"username": "ann", "password": "short"}, PASSWORD_TOO_WEAK),
        ({"username": "ann", "password": "Password123"}, PASSWORD_TOO_WEAK),
        ({"username": "annabel.lee", "password": "Annabel.Lee"}, PASSWORD_TOO_WEAK),
        ({"email": "annabel.lee@example.com", "password": "Annabel.Lee"}, PASSWORD_TOO_WEAK),
        ({"username": "ann", "password": "long enough " * 100}, INVALID_REQUEST),
    ):
        assert said(await sign_up(world, app, **payload)) == refusal, payload
    for profile in (
        {"gender": "X"},
        {"nickname": "A\x00nn"},
        {"name": "a" * 513},
        {"customData": {"much": "a" * 5000}},
    ):
        assert said(await sign_up(world, app, profile, username="ann")) == INVALID_REQUEST, profile
    assert await rows(world, "SELECT id FROM users") == []
    assert said(await sign_up(world, app, username="ann")) == OK


async def test_only_a_live_code_for_signing_up_with_this_address_will_do(still: World) -> None:
    app = await still.app()
    of_sign_in = await code_for(still, app, ANN, "LOGIN")
    code = await code_for(still, app, ANN, "REGISTER")
    for bad in (of_sign_in, wrong(code)):
        if bad != code:
            assert said(await sign_up(still, app, email=ANN, passCode=bad)) == CODE_INCORRECT
    bob = "bob@example.com"
    assert said(await sign_up(still, app, email=bob, passCode=code)) == CODE_INCORRECT
    elsewhere = await still.app()
    assert said(await sign_up(still, elsewhere, email=ANN, passCode=code)) == CODE_INCORRECT
    still.clock.advance(300)
    assert said(await sign_up(still, app, email=ANN, passCode=code)) == CODE_EXPIRED
    still.clock.advance(-1)
    assert said(await sign_up(still, app, email=ANN, passCode=code)) == OK


async def test_what_is_taken_is_said(world: World) -> None:
    app = await world.app(auth="none")
    await sign_up(world, app, username="Ann", email=ANN)
    before = await footprint(world)
    assert said(await sign_up(world, app, username="aNN")) == USERNAME_TAKEN
    assert said(await sign_up(world, app, email="ANN@example.com")) == USER_EXISTS
    assert said(await sign_up(world, app, username="bob", email=ANN)) == USER_EXISTS
    assert await footprint(world) == before
    other_pool = await world.app()
    assert said(await sign_up(world, other_pool, username="ann", email=ANN)) == OK


async def test_with_a_code_it_is_told_only_to_who_has_the_mailbox(world: World) -> None:
    app = await world.app(auth="none")
    await sign_up(world, app, username="ann", email=ANN)
    code = await code_for(world, app, ANN, "REGISTER")
    assert said(await sign_up(world, app, email=ANN, passCode=wrong(code))) == CODE_INCORRECT
    for _ in range(7):  # a right code takes no tries, however often it is refused
        assert said(await sign_up(world, app, email=ANN, passCode=code)) == USER_EXISTS


async def test_of_many_at_once_one_gets_the_name_and_one_the_address(world: World) -> None:
    app = await world.app()
    by_name = [sign_up(world, app, username="ann", email=f"a{n}@example.com") for n in range(4)]
    answers = Counter(said(answer) for answer in await asyncio.gather(*by_name))
    assert answers == {OK: 1, USERNAME_TAKEN: 3}
    by_address = [sign_up(world, app, username=f"bob{n}", email="b@example.com") for n in range(4)]
    answers = Counter(said(answer) for answer in await asyncio.gather(*by_address))
    assert answers == {OK: 1, USER_EXISTS: 3}
    assert len(await rows(world, "SELECT id FROM users")) == 2


async def test_one_code_makes_one_account_however_often_it_comes(world: World) -> None:
    app = await world.app()
    code = await code_for(world, app, ANN, "REGISTER")
    tries = [sign_up(world, app, email=ANN, passCode=code) for _ in range(5)]
    answers = Counter(said(answer) for answer in await asyncio.gather(*tries))
    assert answers[OK] == 1
    assert set(answers) <= {OK, CODE_INCORRECT, USER_EXISTS}
    assert len(await rows(world, "SELECT id FROM users")) == 1


async def test_a_closed_pool_takes_nobody(world: World) -> None:
    app = await world.app(auth="none")
    code = await code_for(world, app, ANN, "REGISTER")
    await world.set_pool(app.pool_id, registerDisabled="true")
    before = await footprint(world)
    assert said(await sign_up(world, app, username="ann")) == REGISTRATION_CLOSED
    assert said(await sign_up(world, app, email=ANN, passCode=code)) == REGISTRATION_CLOSED
    assert await footprint(world) == before
    await world.set_pool(app.pool_id, registerDisabled="false")
    assert said(await sign_up(world, app, email=ANN, passCode=code)) == OK


async def test_one_client_may_try_so_often_an_hour(still: World) -> None:
    app = await still.app(await still.pool(limits__signUpsPerClientHour="2"))
    assert said(await sign_up(still, app, username="ann")) == OK
    assert said(await sign_up(still, app, username="ann")) == USERNAME_TAKEN
    refused = await sign_up(still, app, username="bob")
    assert said(refused) == TOO_MANY_REQUESTS
    assert 0 < refused["data"]["retryAfter"] <= 3600
    named = {"clientIp": "203.0.113.9"}  # whoever calls may say what they like
    assert said(await sign_up(still, app, options=named, username="bob")) == TOO_MANY_REQUESTS
    async with calling_from(still, "198.51.100.7") as elsewhere:
        assert said(await sign_up(elsewhere, app, username="bob")) == OK
    still.clock.advance(refused["data"]["retryAfter"])
    assert said(await sign_up(still, app, username="cat")) == OK


@pytest.mark.parametrize("kind", ["rsa", "sm2"])
async def test_a_password_may_come_encrypted(world: World, kind: str) -> None:
    app = await world.app(auth="none")
    options = {"passwordEncryptType": kind}
    cipher_text = await encrypted(world, kind, PASSWORD)
    assert said(await sign_up(world, app, {}, options, username="ann", password=cipher_text)) == OK
    assert said(await sign_in(world, app, username="ann")) == OK
    weak = await encrypted(world, kind, "short")
    refused = await sign_up(world, app, {}, options, username="bob", password=weak)
    assert said(refused) == PASSWORD_TOO_WEAK
    unreadable = await sign_up(world, app, {}, options, username="bob", password="ab" * 150)
    assert said(unreadable) == INVALID_REQUEST


async def test_an_address_may_be_completed_with_its_code(world: World) -> None:
    app = await world.app(auth="none")
    option = "emailPassCodeForInformationCompletion"
    code = await code_for(world, app, ANN, "COMPLETE_EMAIL")
    of_register = await code_for(world, app, ANN, "REGISTER")
    profile = {"email": "Ann@Example.com"}
    assert said(await sign_up(world, app, profile, username="ann")) == INVALID_REQUEST
    for bad in (wrong(code), of_register):
        if bad != code:
            refused = await sign_up(world, app, profile, {option: bad}, username="ann")
            assert said(refused) == CODE_INCORRECT
    two = await sign_up(world, app, profile, {option: code}, email="other@example.com")
    assert said(two) == INVALID_REQUEST
    assert await rows(world, "SELECT id FROM users") == []
    answer = await sign_up(world, app, profile, {option: code}, username="ann")
    assert said(answer) == OK
    assert (answer["data"]["email"], answer["data"]["emailVerified"]) == (ANN, True)
    again = await sign_up(world, app, profile, {option: code}, username="bob")
    assert said(again) == CODE_INCORRECT
    assert said(await sign_in(world, app, email=ANN)) == OK


async def test_a_code_proves_no_address_but_its_own(world: World) -> None:
    app = await world.app()
    code = await code_for(world, app, ANN, "REGISTER")
    other = {"email": "mallory@example.com"}
    assert said(await sign_up(world, app, other, email=ANN, passCode=code)) == INVALID_REQUEST
    answer = await sign_up(world, app, {"email": "ANN@example.com"}, email=ANN, passCode=code)
    assert said(answer) == OK
    assert answer["data"]["email"] == ANN


async def test_the_empty_siblings_that_sdks_send_are_ignored(world: World) -> None:
    app = await world.app()
    body = {
        "connection": "PASSWORD",
        "passwordPayload": {"password": PASSWORD, "username": "ann", "email": ""},
        "passCodePayload": {"passCode": ""},
        "profile": {"email": "", "phone": "", "nickname": None},
        "options": {"context": {}, "phonePassCodeForInformationCompletion": ""},
    }
    assert said(await world.post(SIGN_UP, body, app=app)) == OK
    without_options = {"connection": "PASSWORD", "passwordPayload": PAYLOAD | {"username": "bob"}}
    assert said(await world.post(SIGN_UP, without_options, app=app)) == OK


class TestWhereExistingAccountsAreHidden:
    async def test_taken_and_free_addresses_are_answered_alike(self, world: World) -> None:
        app = await world.app(await world.pool(hideExistingAccounts="true"), auth="none")
        await world.person("ann", app, sign_in=False, email=ANN, email_verified=True)
        profile = {"nickname": "M", "email": None, "customData": {"a": 1}}
        accounts = "SELECT * FROM users"
        before = await rows(world, accounts)
        taken = await sign_up(world, app, profile, email="Ann@example.com")
        assert await rows(world, accounts) == before
        details = await rows(world, "SELECT detail FROM audit_log WHERE event = 'register'")
        assert details == [("address taken",)]
        free = await sign_up(world, app, profile, email="bob@example.com")
        assert said(taken) == said(free) == OK
        assert taken["data"].keys() == free["data"].keys()
        own = {"userId", "email", "createdAt", "updatedAt", "passwordLastSetAt"}
        for name in taken["data"].keys() - own:
            assert taken["data"][name] == free["data"][name], name
        assert taken["data"]["email"] == ANN
        assert len(taken["data"]["userId"]) == len(free["data"]["userId"]) == 24
        for name in own - {"email"}:
            assert type(taken["data"].get(name)) is type(free["data"].get(name)), name
        # Ann's account is as it was, and the new one opens to nobody yet.
        assert said(await sign_in(world, app, username="ann")) == OK
        assert said(await sign_in(world, app, email="bob@example.com")) == WRONG_CREDENTIALS
        assert said(await sign_in(world, app, email="cat@example.com")) == WRONG_CREDENTIALS

    async def test_the_owner_of_the_mailbox_gets_the_account_that_was_answered(
        self, world: World
    ) -> None:
        app = await world.app(await world.pool(hideExistingAccounts="true"), auth="none")
        answer = await sign_up(world, app, email=ANN)
        code = await code_for(world, app, ANN, "LOGIN")
        entered = await sign_in_by_code(world, app, ANN, code)
        profile = await world.get("/api/v3/get-profile", token=entered["data"]["access_token"])
        assert profile["data"]["userId"] == answer["data"]["userId"]
        assert said(await sign_in(world, app, email=ANN)) == WRONG_CREDENTIALS  # it was dropped

    async def test_of_many_at_once_all_are_answered_alike(self, world: World) -> None:
        app = await world.app(await world.pool(hideExistingAccounts="true"), auth="none")
        many = await asyncio.gather(*(sign_up(world, app, email=ANN) for _ in range(6)))
        assert {said(answer) for answer in many} == {OK}
        assert await rows(world, "SELECT email FROM users") == [(ANN,)]

    async def test_a_name_signed_up_with_an_address_does_not_tell_of_it(self, world: World) -> None:
        app = await world.app(await world.pool(hideExistingAccounts="true"), auth="none")
        await world.person("ann", app, sign_in=False, email=ANN, email_verified=True)
        for name, email in (("taken", ANN), ("free", "bob@example.com")):
            assert said(await sign_up(world, app, username=name, email=email)) == OK
            again = await sign_up(world, app, username=name, email="cat@example.com")
            assert said(again) == USERNAME_TAKEN
            assert said(await sign_in(world, app, username=name)) == WRONG_CREDENTIALS

    async def test_a_right_password_counts_as_a_wrong_one(self, world: World) -> None:
        few = {"limits__passwordFailures": "3"}
        app = await world.app(await world.pool(hideExistingAccounts="true", **few), auth="none")
        await world.person("ann", app, sign_in=False, email=ANN, email_verified=True)
        heard = {}
        for email in (ANN, "bob@example.com"):
            await sign_up(world, app, email=email, password=MINE)
            typed = [await sign_in(world, app, email=email, password=MINE) for _ in range(5)]
            heard[email] = [said(answer) for answer in typed]
        assert heard[ANN] == heard["bob@example.com"]
        assert heard[ANN][-1] == TOO_MANY_REQUESTS

    async def test_user_names_tell_and_so_does_a_proved_mailbox(self, world: World) -> None:
        app = await world.app(await world.pool(hideExistingAccounts="true"), auth="none")
        await world.person("ann", app, sign_in=False, email=ANN)
        taken = await sign_up(world, app, username="ann", email="new@example.com")
        assert said(taken) == USERNAME_TAKEN
        both = await sign_up(world, app, username="ann", email=ANN)
        assert said(both) == USERNAME_TAKEN  # or the name would tell of the address too
        code = await code_for(world, app, ANN, "REGISTER")
        assert said(await sign_up(world, app, email=ANN, passCode=wrong(code))) == CODE_INCORRECT
        assert said(await sign_up(world, app, email=ANN, passCode=code)) == USER_EXISTS
