"""`POST /api/v3/delete-account`."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.support.backstage import (
    CODE_INCORRECT,
    INVALID_REQUEST,
    NOT_SIGNED_IN,
    OK,
    SESSION_ENDED,
    USER_SUSPENDED,
    WRONG_CREDENTIALS,
    change,
    rows,
    said,
    set_status,
)
from tests.support.life import (
    CHANGES_PAUSED,
    REAUTHENTICATION_REQUIRED,
    TOKEN_INVALID,
    code_for,
    deletes,
    deletion_token,
    proves_deletion,
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
from tests.support.links import change as change_address
from tests.support.links import mail_after
from tests.support.world import PASSWORD, Person, World

ANN = "ann@example.com"


async def test_ann_deletes_her_account_and_nothing_of_it_is_left(world: World) -> None:
    app = await world.app(auth="none")
    ann = await world.person("ann", app, sign_in=False, email=ANN, email_verified=True)
    bob = await world.person("bob", app, email="bob@example.com")
    elsewhere = Person(world, app, ann.user_id, "ann")
    await elsewhere.sign_in()
    hers = (await ann.sign_in(scope="openid offline_access"))["data"]["refresh_token"]
    token = await deletion_token(ann, ANN)
    last = await mail_after(world, ANN, "account_deleted", deletes(ann, token))
    assert last.code is None
    assert await seen(ann) == await seen(elsewhere) == SESSION_ENDED
    assert await refresh(world, app, hers) == "invalid_grant"
    for name in ({"username": "ann"}, {"email": ANN}):
        assert said(await sign_in(world, app, **name)) == WRONG_CREDENTIALS
    assert await rows(world, "SELECT id FROM users") == [(bob.user_id,)]
    assert {row[0] for row in await rows(world, "SELECT user_id FROM sessions")} == {bob.user_id}
    assert await rows(world, "SELECT digest FROM step_tokens") == []
    assert await seen(bob) == OK
    events = await rows(world, "SELECT user_id FROM audit_log WHERE event = 'deleteAccount'")
    assert events == [(ann.user_id,)]


async def test_the_answer_says_that_it_was_done(world: World) -> None:
    ann = await world.person("ann")
    answer = await deletes(ann, await deletion_token(ann))
    assert said(answer) == OK and answer["data"] == {"success": True}
    assert await rows(world, "SELECT id FROM outbox") == []  # no address to write to


async def test_name_and_address_are_free_again_but_not_the_id(world: World) -> None:
    app = await world.app(auth="none")
    ann = await world.person("ann", app, email=ANN)
    assert said(await deletes(ann, await deletion_token(ann, ANN))) == OK
    answer = await sign_up(world, app, username="Ann", email=ANN)
    assert said(answer) == OK
    assert answer["data"]["userId"] != ann.user_id
    assert said(await sign_in(world, app, username="ann")) == OK
    assert await seen(ann) == SESSION_ENDED  # the old token opens nothing of the new account


async def test_codes_mailed_before_open_nothing_of_who_comes_next(world: World) -> None:
    app = await world.app(auth="none")
    ann = await world.person("ann", app, email=ANN)
    reset = await reset_token(world, app, ANN)
    of_sign_in = await code_for(world, app, ANN, "LOGIN")
    of_reset = await code_for(world, app, ANN, "RESET_PASSWORD")
    assert said(await deletes(ann, await deletion_token(ann, ANN))) == OK
    assert said(await sign_up(world, app, email=ANN)) == OK
    assert said(await sign_in_by_code(world, app, ANN, of_sign_in)) == CODE_INCORRECT
    assert said(await proves_reset(world, app, ANN, of_reset)) == CODE_INCORRECT
    assert said(await resets(world, app, reset, "a brand new password")) == TOKEN_INVALID


async def test_a_token_lives_a_minute(still: World) -> None:
    ann = await still.person("ann")
    token = await deletion_token(ann)
    still.clock.advance(60)
    assert said(await deletes(ann, token)) == TOKEN_INVALID
    still.clock.advance(-1)
    assert said(await deletes(ann, token)) == OK


async def test_only_the_token_of_this_session_and_step_will_do(world: World) -> None:
    app = await world.app()
    ann = await world.person("ann", app, email=ANN)
    bob = await world.person("bob", app)
    elsewhere = Person(world, app, ann.user_id, "ann")
    await elsewhere.sign_in()
    of_reset = await reset_token(world, app, ANN)
    token = await deletion_token(ann, ANN)
    for bad in (of_reset, token[:-1], token + "x", "x"):
        assert said(await deletes(ann, bad)) == TOKEN_INVALID
    assert said(await ann.post("/api/v3/delete-account", {})) == INVALID_REQUEST
    assert said(await deletes(elsewhere, token)) == TOKEN_INVALID
    assert said(await deletes(bob, token)) == TOKEN_INVALID
    assert said(await deletes(Person(world, app, "", ""), token)) == NOT_SIGNED_IN
    assert len(await rows(world, "SELECT id FROM users")) == 2
    assert said(await deletes(ann, token)) == OK  # strangers did not use it up


async def test_a_token_is_voided_by_what_changes_meanwhile(world: World) -> None:
    app = await world.app()
    ann = await world.person("ann", app, email=ANN, email_verified=True)
    token = await deletion_token(ann, ANN)
    assert said(await updates_password(ann, "a brand new one", oldPassword=PASSWORD)) == OK
    assert said(await deletes(ann, token)) == TOKEN_INVALID
    token = await deletion_token(ann, ANN)
    await change_address(ann, ANN, "new@example.com")
    assert said(await deletes(ann, token)) == TOKEN_INVALID
    bob = await world.person("bob", app)
    token = await deletion_token(bob)
    await set_status(world, bob.user_id, "Suspended")
    assert said(await deletes(bob, token)) == USER_SUSPENDED
    assert len(await rows(world, "SELECT id FROM users")) == 2


async def test_not_while_changes_rest_nor_long_after_the_sign_in(world: World) -> None:
    ann = await world.person("ann", await world.app(await world.pool(reauthenticateWithin="60")))
    token = await deletion_token(ann)
    pause = "UPDATE users SET changes_paused_until = :until"
    await change(world, pause, until=world.clock() + 60_000)
    assert said(await deletes(ann, token)) == CHANGES_PAUSED
    await change(world, pause, until=0)
    world.clock.advance(61)
    assert said(await deletes(ann, token)) == REAUTHENTICATION_REQUIRED
    world.clock.advance(-61)
    assert said(await deletes(ann, token)) == OK


async def test_of_many_at_once_one_is_done(world: World) -> None:
    ann = await world.person("ann", email=ANN)
    token = await deletion_token(ann, ANN)
    answers = await asyncio.gather(*(deletes(ann, token) for _ in range(4)))
    counted = Counter(said(answer) for answer in answers)
    assert counted[OK] == 1
    assert set(counted) <= {OK, SESSION_ENDED, TOKEN_INVALID}
    await world.mail.of(ANN, "account_deleted")
    mails = await rows(world, "SELECT count(*) FROM audit_log WHERE event = 'deleteAccount'")
    assert mails == [(1,)]


async def test_a_deletion_and_a_new_proof_at_once_leave_nothing_behind(world: World) -> None:
    ann = await world.person("ann")
    token = await deletion_token(ann)
    deleted, proved = await asyncio.gather(
        deletes(ann, token), proves_deletion(ann, password=PASSWORD)
    )
    if said(deleted) == OK:
        assert said(proved) in (OK, SESSION_ENDED, WRONG_CREDENTIALS)
        assert await rows(world, "SELECT digest FROM step_tokens") == []
    else:  # the second proof came first and voided the token
        assert (said(deleted), said(proved)) == (TOKEN_INVALID, OK)
