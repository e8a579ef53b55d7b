"""`POST /api/v3/update-password`."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.support.backstage import (
    CODE_INCORRECT,
    INVALID_REQUEST,
    NOT_SIGNED_IN,
    OK,
    SESSION_ENDED,
    TOO_MANY_REQUESTS,
    USER_SUSPENDED,
    WRONG_CREDENTIALS,
    calling_from,
    rows,
    said,
    set_status,
)
from tests.support.life import (
    OLD_PASSWORD_REQUIRED,
    OLD_PASSWORD_WRONG,
    PASSWORD_REUSED,
    PASSWORD_TOO_WEAK,
    REAUTHENTICATION_REQUIRED,
    TOKEN_INVALID,
    code_for,
    deletes,
    deletion_token,
    encrypted,
    proves_reset,
    refresh,
    reset_token,
    resets,
    seen,
    sign_in,
    sign_in_by_code,
    sign_up,
    updates_password,
)
from tests.support.links import mail_after
from tests.support.world import PASSWORD, Person, World

ANN, NEW = "ann@example.com", "a brand new password"


async def test_ann_changes_it_and_everybody_else_is_signed_out(world: World) -> None:
    app = await world.app(auth="none")
    ann = await world.person("ann", app, sign_in=False, email=ANN, email_verified=True)
    mallory = Person(world, app, ann.user_id, "ann")
    hers = (await ann.sign_in(scope="openid offline_access"))["data"]["refresh_token"]
    stolen = (await mallory.sign_in(scope="openid offline_access"))["data"]["refresh_token"]
    changing = updates_password(ann, NEW, oldPassword=PASSWORD)
    await mail_after(world, ANN, "password_changed", changing)
    assert await seen(ann) == OK
    assert await seen(mallory) == SESSION_ENDED
    assert await refresh(world, app, hers) == "ok"
    assert await refresh(world, app, stolen) == "invalid_grant"
    assert said(await sign_in(world, app, username="ann")) == WRONG_CREDENTIALS
    assert said(await sign_in(world, app, NEW, username="ann")) == OK
    events = await rows(world, "SELECT event FROM audit_log WHERE event = 'updateUserPassword'")
    assert len(events) == 1
    assert (await ann.get("/api/v3/get-profile"))["data"]["passwordLastSetAt"] is not None


async def test_without_an_address_nobody_can_be_told(world: World) -> None:
    ann = await world.person("ann")
    assert said(await updates_password(ann, NEW, oldPassword=PASSWORD)) == OK
    assert await rows(world, "SELECT id FROM outbox") == []


async def test_the_first_password_needs_no_old_one(world: World) -> None:
    app = await world.app(auth="none")
    await sign_up(world, app, email=ANN, passCode=await code_for(world, app, ANN, "REGISTER"))
    entered = await sign_in_by_code(world, app, ANN, await code_for(world, app, ANN, "LOGIN"))
    ann = Person(world, app, "", "", entered["data"]["access_token"])
    assert said(await updates_password(ann, "ann@example.com")) == PASSWORD_TOO_WEAK
    await mail_after(world, ANN, "password_changed", updates_password(ann, NEW))
    assert said(await sign_in(world, app, NEW, email=ANN)) == OK
    assert said(await updates_password(ann, PASSWORD)) == OLD_PASSWORD_REQUIRED


async def test_a_first_password_wants_a_fresh_sign_in(still: World) -> None:
    """A stolen token would turn into an account that the thief keeps."""
    app = await still.app(auth="none")
    await sign_up(still, app, email=ANN, passCode=await code_for(still, app, ANN, "REGISTER"))
    entered = await sign_in_by_code(still, app, ANN, await code_for(still, app, ANN, "LOGIN"))
    ann = Person(still, app, "", "", entered["data"]["access_token"])
    still.clock.advance(15 * 60 + 1)
    assert said(await updates_password(ann, NEW)) == REAUTHENTICATION_REQUIRED
    assert said(await sign_in(still, app, NEW, email=ANN)) == WRONG_CREDENTIALS
    entered = await sign_in_by_code(still, app, ANN, await code_for(still, app, ANN, "LOGIN"))
    ann = Person(still, app, "", "", entered["data"]["access_token"])
    still.clock.advance(15 * 60)
    assert said(await updates_password(ann, NEW)) == OK
    still.clock.advance(3600)
    assert said(await updates_password(ann, PASSWORD, oldPassword=NEW)) == OK


async def test_what_is_refused_changes_nothing(world: World) -> None:
    app = await world.app(auth="none")
    ann = await world.person("annabel.lee", app, email="annie.lee@example.com")
    other = Person(world, app, ann.user_id, "annabel.lee")
    await other.sign_in()
    right = {"oldPassword": PASSWORD}
    for new, more, refusal in (
        (NEW, {}, OLD_PASSWORD_REQUIRED),
        (NEW, {"oldPassword": ""}, OLD_PASSWORD_REQUIRED),
        (NEW, {"oldPassword": PASSWORD + "!"}, OLD_PASSWORD_WRONG),
        ("short", {"oldPassword": "wrong as well"}, OLD_PASSWORD_WRONG),
        (PASSWORD, right, PASSWORD_REUSED),
        ("short", right, PASSWORD_TOO_WEAK),
        ("iloveyou", right, PASSWORD_TOO_WEAK),
        ("Annabel.Lee", right, PASSWORD_TOO_WEAK),
        ("Annie.Lee", right, PASSWORD_TOO_WEAK),
        ("", right, INVALID_REQUEST),
        ("long enough " * 100, right, INVALID_REQUEST),
        (NEW, right | {"passwordEncryptType": "rsa"}, INVALID_REQUEST),
        (NEW, {"oldPassword": "ab" * 150, "passwordEncryptType": "sm2"}, OLD_PASSWORD_WRONG),
        (NEW, right | {"passwordEncryptType": "rot13"}, INVALID_REQUEST),
    ):
        assert said(await updates_password(ann, new, **more)) == refusal, (new[:20], more)
    assert await seen(other) == OK
    assert said(await sign_in(world, app, username="annabel.lee")) == OK
    assert await rows(world, "SELECT id FROM outbox") == []


async def test_who_is_not_signed_in_changes_nothing(world: World) -> None:
    ann = await world.person("ann")
    nobody = Person(world, ann.app, "", "")
    assert said(await updates_password(nobody, NEW, oldPassword=PASSWORD)) == NOT_SIGNED_IN
    await set_status(world, ann.user_id, "Suspended")
    assert said(await updates_password(ann, NEW, oldPassword=PASSWORD)) == USER_SUSPENDED


async def test_guessing_the_old_one_is_slowed_down_as_at_the_sign_in(still: World) -> None:
    app = await still.app(await still.pool(limits__passwordFailures="2"), auth="none")
    ann = await still.person("ann", app)
    for _ in range(2):
        refused = await updates_password(ann, NEW, oldPassword="a wrong guess")
        assert said(refused) == OLD_PASSWORD_WRONG
    assert said(await updates_password(ann, NEW, oldPassword="a wrong guess")) == TOO_MANY_REQUESTS
    limited = await updates_password(ann, NEW, oldPassword=PASSWORD)
    assert said(limited) == TOO_MANY_REQUESTS and limited["data"] == {"retryAfter": 1}
    assert said(await sign_in(still, app, username="ann")) == OK  # never a lock-out
    async with calling_from(still, "198.51.100.7") as elsewhere:
        away = Person(elsewhere, app, ann.user_id, "ann", ann.token)
        assert said(await updates_password(away, "short", oldPassword=PASSWORD)) == (
            PASSWORD_TOO_WEAK
        )
    still.clock.advance(1)
    assert said(await updates_password(ann, NEW, oldPassword=PASSWORD)) == OK


async def test_a_new_password_that_is_refused_is_no_guess_at_the_old_one(still: World) -> None:
    ann = await still.person("ann", await still.app(await still.pool(limits__passwordFailures="1")))
    for _ in range(3):
        assert said(await updates_password(ann, "short", oldPassword=PASSWORD)) == (
            PASSWORD_TOO_WEAK
        )
    assert said(await updates_password(ann, NEW, oldPassword=PASSWORD)) == OK


@pytest.mark.parametrize("kind", ["rsa", "sm2"])
async def test_both_passwords_may_come_encrypted(world: World, kind: str) -> None:
    app = await world.app(auth="none")
    ann = await world.person("ann", app)
    old, new = await encrypted(world, kind, PASSWORD), await encrypted(world, kind, NEW)
    how = {"oldPassword": old, "passwordEncryptType": kind}
    assert said(await updates_password(ann, "ab" * 150, **how)) == INVALID_REQUEST
    assert said(await updates_password(ann, await encrypted(world, kind, PASSWORD), **how)) == (
        PASSWORD_REUSED
    )
    assert said(await updates_password(ann, new, **how)) == OK
    assert said(await sign_in(world, app, NEW, username="ann")) == OK


async def test_what_was_granted_and_mailed_before_is_worth_nothing(world: World) -> None:
    app = await world.app(auth="none")
    ann = await world.person("ann", app, email=ANN, email_verified=True)
    granted = await reset_token(world, app, ANN)
    to_delete = await deletion_token(ann, ANN)
    of_reset = await code_for(world, app, ANN, "RESET_PASSWORD")
    of_sign_in = await code_for(world, app, ANN, "LOGIN")
    assert said(await updates_password(ann, NEW, oldPassword=PASSWORD)) == OK
    assert said(await resets(world, app, granted, "mallory's password")) == TOKEN_INVALID
    assert said(await deletes(ann, to_delete)) == TOKEN_INVALID
    assert said(await proves_reset(world, app, ANN, of_reset)) == CODE_INCORRECT
    assert said(await sign_in_by_code(world, app, ANN, of_sign_in)) == CODE_INCORRECT


async def test_of_two_changes_at_once_one_is_made(world: World) -> None:
    app = await world.app(auth="none")
    ann = await world.person("ann", app)
    again = Person(world, app, ann.user_id, "ann")
    await again.sign_in()
    answers = await asyncio.gather(
        updates_password(ann, NEW, oldPassword=PASSWORD),
        updates_password(again, "another password", oldPassword=PASSWORD),
    )
    counted = Counter(said(answer) for answer in answers)
    assert counted[OK] == 1
    assert set(counted) <= {OK, SESSION_ENDED, OLD_PASSWORD_WRONG, TOO_MANY_REQUESTS}
    chosen = [NEW, "another password"][[said(answer) for answer in answers].index(OK)]
    assert said(await sign_in(world, app, chosen, username="ann")) == OK
