"""`POST /api/v3/reset-password`."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.support.backstage import (
    CODE_INCORRECT,
    INVALID_REQUEST,
    OK,
    SESSION_ENDED,
    TOO_MANY_REQUESTS,
    WRONG_CREDENTIALS,
    rows,
    said,
    set_status,
)
from tests.support.life import (
    PASSWORD_TOO_WEAK,
    TOKEN_INVALID,
    code_for,
    deletes,
    deletion_token,
    encrypted,
    newcomer,
    refresh,
    reset_token,
    resets,
    seen,
    sign_in,
    sign_in_by_code,
    updates_password,
)
from tests.support.links import change, mail_after, unbind
from tests.support.recording import (
    Record,
    RecordingDatabase,
    RecordingPasswords,
    calling,
    served,
)
from tests.support.world import PASSWORD, World

ANN, NEW = "ann@example.com", "a brand new password"


async def test_ann_forgot_hers_and_sets_a_new_one(world: World) -> None:
    app = await world.app(auth="none")
    ann = await world.person("ann", app, sign_in=False, email=ANN, email_verified=True)
    stolen = (await ann.sign_in(scope="openid offline_access"))["data"]["refresh_token"]
    token = await reset_token(world, app, ANN)
    resetting = resets(world, app, token, NEW)
    await mail_after(world, ANN, "user_password_reset_notification", resetting)
    assert await seen(ann) == SESSION_ENDED
    assert await refresh(world, app, stolen) == "invalid_grant"
    assert said(await sign_in(world, app, username="ann")) == WRONG_CREDENTIALS
    assert said(await sign_in(world, app, NEW, email=ANN)) == OK
    events = await rows(world, "SELECT user_id FROM audit_log WHERE event = 'updateUserPassword'")
    assert events == [(ann.user_id,)]


async def test_the_answer_says_that_it_was_done(world: World) -> None:
    app = await world.app(auth="none")
    await world.person("ann", app, sign_in=False, email=ANN, password_hash=None)
    answer = await resets(world, app, await reset_token(world, app, ANN), NEW)
    assert answer["data"] == {"success": True}
    assert said(await sign_in(world, app, NEW, username="ann")) == OK


async def test_a_token_works_once_and_for_five_minutes(still: World) -> None:
    app = await still.app(auth="none")
    await still.person("ann", app, sign_in=False, email=ANN)
    token = await reset_token(still, app, ANN)
    still.clock.advance(300)
    assert said(await resets(still, app, token, NEW)) == TOKEN_INVALID
    still.clock.advance(-1)
    assert said(await resets(still, app, token, NEW)) == OK
    assert said(await resets(still, app, token, "yet another password")) == TOKEN_INVALID
    assert said(await sign_in(still, app, NEW, username="ann")) == OK


async def test_of_many_at_once_one_is_done(world: World) -> None:
    app = await world.app(auth="none")
    await world.person("ann", app, sign_in=False, email=ANN)
    token = await reset_token(world, app, ANN)
    wishes = [f"wish number {number}" for number in range(3)]
    answers = await asyncio.gather(*(resets(world, app, token, wish) for wish in wishes))
    told = [said(answer) for answer in answers]
    assert Counter(told) == {OK: 1, TOKEN_INVALID: 2}
    assert said(await sign_in(world, app, wishes[told.index(OK)], username="ann")) == OK


class TestATokenIsVoided:
    async def test_by_another_password(self, world: World) -> None:
        ann = await world.person("ann", email=ANN, email_verified=True)
        token = await reset_token(world, ann.app, ANN)
        assert said(await updates_password(ann, NEW, oldPassword=PASSWORD)) == OK
        assert said(await resets(world, ann.app, token, "mallory's")) == TOKEN_INVALID

    async def test_by_another_address(self, world: World) -> None:
        ann = await world.person("ann", email=ANN, email_verified=True)
        token = await reset_token(world, ann.app, ANN)
        await change(ann, ANN, "new@example.com")
        assert said(await resets(world, ann.app, token, NEW)) == TOKEN_INVALID

    async def test_by_taking_the_address_off(self, world: World) -> None:
        ann = await world.person("ann", email=ANN, email_verified=True)
        token = await reset_token(world, ann.app, ANN)
        await unbind(ann, ANN)
        assert said(await resets(world, ann.app, token, NEW)) == TOKEN_INVALID

    async def test_by_a_suspension(self, world: World) -> None:
        ann = await world.person("ann", email=ANN)
        token = await reset_token(world, ann.app, ANN)
        await set_status(world, ann.user_id, "Suspended")
        assert said(await resets(world, ann.app, token, NEW)) == TOKEN_INVALID

    async def test_by_the_end_of_the_account(self, world: World) -> None:
        ann = await world.person("ann", email=ANN)
        to_delete = await deletion_token(ann, ANN)
        token = await reset_token(world, ann.app, ANN)
        world.clock.advance(-61)
        assert said(await deletes(ann, to_delete)) == OK
        assert said(await resets(world, ann.app, token, NEW)) == TOKEN_INVALID


async def test_a_password_that_is_refused_leaves_the_token(world: World) -> None:
    app = await world.app(auth="none")
    await world.person("annabel.lee", app, sign_in=False, email="annie.lee@example.com")
    token = await reset_token(world, app, "annie.lee@example.com")
    for password, refusal in (
        ("", INVALID_REQUEST),
        ("short", PASSWORD_TOO_WEAK),
        ("Annabel.Lee", PASSWORD_TOO_WEAK),
        ("Annie.Lee", PASSWORD_TOO_WEAK),
        ("long enough " * 100, INVALID_REQUEST),
    ):
        assert said(await resets(world, app, token, password)) == refusal, password[:20]
    assert said(await resets(world, app, token, "ab" * 150, "rsa")) == INVALID_REQUEST
    assert said(await sign_in(world, app, username="annabel.lee")) == OK
    assert said(await resets(world, app, token, NEW)) == OK


async def test_only_a_token_for_this_step_and_pool_will_do(world: World) -> None:
    app = await world.app(auth="none")
    ann = await world.person("ann", app, email=ANN)
    to_delete = await deletion_token(ann, ANN)
    token = await reset_token(world, app, ANN)
    elsewhere = await world.app(auth="none")
    for bad in (to_delete, token[:-1], token + "x", "x"):
        assert said(await resets(world, app, bad, NEW)) == TOKEN_INVALID
    assert said(await resets(world, elsewhere, token, NEW)) == TOKEN_INVALID
    sibling = await world.app(app.pool_id, auth="none")
    assert said(await resets(world, sibling, token, NEW)) == OK


async def test_whoever_signed_up_with_anns_address_is_out(world: World) -> None:
    app = await world.app(auth="none")
    mallory = await newcomer(world, app, "mallory", email=ANN)
    token = await reset_token(world, app, ANN)
    resetting = resets(world, app, token, NEW)
    await mail_after(world, ANN, "earlier_password_removed", resetting)
    assert world.mail.all_of(ANN, "user_password_reset_notification") == []
    assert await seen(mallory) == SESSION_ENDED
    assert said(await sign_in(world, app, username="mallory")) == WRONG_CREDENTIALS
    entered = await sign_in(world, app, NEW, email=ANN)
    profile = await world.get("/api/v3/get-profile", token=entered["data"]["access_token"])
    assert profile["data"]["emailVerified"] is True


async def test_an_account_made_by_an_administrator_gets_the_usual_notice(world: World) -> None:
    app = await world.app(auth="none")
    await world.person("ann", app, sign_in=False, email=ANN)
    token = await reset_token(world, app, ANN)
    resetting = resets(world, app, token, NEW)
    await mail_after(world, ANN, "user_password_reset_notification", resetting)
    entered = await sign_in(world, app, NEW, email=ANN)
    profile = await world.get("/api/v3/get-profile", token=entered["data"]["access_token"])
    assert profile["data"]["emailVerified"] is True


async def test_codes_and_tokens_from_before_are_dead(world: World) -> None:
    app = await world.app(auth="none")
    ann = await world.person("ann", app, email=ANN)
    code = await code_for(world, app, ANN, "LOGIN")
    token = await reset_token(world, app, ANN)
    to_delete = await deletion_token(ann, ANN)
    assert said(await resets(world, app, token, NEW)) == OK
    assert said(await sign_in_by_code(world, app, ANN, code)) == CODE_INCORRECT
    assert said(await deletes(ann, to_delete)) == SESSION_ENDED
    assert await rows(world, "SELECT digest FROM step_tokens") == []


@pytest.mark.parametrize("kind", ["rsa", "sm2"])
async def test_a_password_may_come_encrypted(world: World, kind: str) -> None:
    app = await world.app(auth="none")
    await world.person("ann", app, sign_in=False, email=ANN)
    token = await reset_token(world, app, ANN)
    weak = await encrypted(world, kind, "short")
    assert said(await resets(world, app, token, weak, kind)) == PASSWORD_TOO_WEAK
    cipher_text = await encrypted(world, kind, NEW)
    assert said(await resets(world, app, token, cipher_text, kind)) == OK
    assert said(await sign_in(world, app, NEW, username="ann")) == OK


async def test_a_guess_at_a_token_is_counted_and_costs_no_hash(world: World) -> None:
    app = await world.app(await world.pool(limits__signInsPerClientHour="2"), auth="none")
    record = Record()
    passwords = RecordingPasswords(record)
    server = served(world, database=RecordingDatabase(world.database, record), passwords=passwords)
    body = {"passwordResetToken": "a guess", "password": NEW}
    async with calling(server) as http:
        answers = [
            await http.post(
                "/api/v3/reset-password", json=body, headers={"x-authing-app-id": app.app_id}
            )
            for _ in range(3)
        ]
    passwords.close()
    told = [said(answer.json()) for answer in answers]
    assert told == [TOKEN_INVALID, TOKEN_INVALID, TOO_MANY_REQUESTS]
    assert [deed for deed in record.deeds if deed.startswith(("heavy", "argon2"))] == []
