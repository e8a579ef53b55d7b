"""`POST /api/v3/update-email`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.support import links
from tests.support.backstage import (
    CHANGES_PAUSED,
    CODE_INCORRECT,
    EMAIL_TAKEN,
    INVALID_REQUEST,
    NOT_SIGNED_IN,
    OK,
    SESSION_ENDED,
    TOKEN_INVALID,
    USER_SUSPENDED,
    change,
    rows,
    said,
    set_status,
)
from tests.support.changes import (
    NEW,
    OLD,
    UPDATE,
    ann_with_old,
    another_session,
    granted,
    updates,
)
from tests.support.world import PASSWORD, Person, World

PROFILE = "/api/v3/get-profile"
OFFLINE = "openid offline_access"


async def refreshed(person: Person, token: str) -> httpx.Response:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": person.app.app_id,
        "client_secret": person.app.secret,
    }
    return await person.world.http.post("/oidc/token", data=form)


async def test_ann_changes_her_address(still: World) -> None:
    ann = await ann_with_old(still)
    answer = await updates(ann, await granted(ann))
    assert said(answer) == OK and "data" not in answer
    profile = (await ann.get(PROFILE))["data"]
    assert (profile["email"], profile["emailVerified"]) == (NEW, True)
    receipt = await still.mail.of(NEW, "email_changed")
    notice = await still.mail.of(OLD, "email_changed_from")
    assert "/link/undo" not in receipt.text + receipt.html
    assert links.url_in(notice, "undo") and NEW not in notice.text + notice.html
    (event,) = await rows(
        still,
        "SELECT user_id, request_id, succeeded FROM audit_log WHERE event = 'updateUserEmail'",
    )
    assert event == (ann.user_id, answer["requestId"], 1)


async def test_other_sessions_end_with_their_refresh_tokens_and_her_own_stays(
    world: World,
) -> None:
    ann = await ann_with_old(world)
    own = (await ann.sign_in(scope=OFFLINE))["data"]["refresh_token"]
    thief, loot = await another_session(ann, scope=OFFLINE)
    bob = await world.person("bob", ann.app)
    assert said(await updates(ann, await granted(ann))) == OK
    assert said(await thief.get(PROFILE)) == SESSION_ENDED
    assert (await refreshed(thief, loot["refresh_token"])).json()["error"] == "invalid_grant"
    assert said(await ann.get(PROFILE)) == OK
    assert (await refreshed(ann, own)).status_code == 200
    assert said(await bob.get(PROFILE)) == OK


async def test_a_token_works_once(still: World) -> None:
    ann = await ann_with_old(still)
    token = await granted(ann)
    assert said(await updates(ann, token)) == OK
    assert said(await updates(ann, token)) == TOKEN_INVALID
    for odd in ("", "x", token[:-1], token + "A"):
        assert said(await updates(ann, odd))[0] == 400
    assert said(await ann.post("/api/v3/update-email", {})) == INVALID_REQUEST


@pytest.mark.parametrize(("seconds", "answer"), [(59.999, OK), (60, TOKEN_INVALID)])
async def test_a_token_lives_a_minute(
    still: World, seconds: float, answer: tuple[int, int | None]
) -> None:
    ann = await ann_with_old(still)
    token = await granted(ann)
    still.clock.advance(seconds)
    assert said(await updates(ann, token)) == answer


async def test_of_updates_at_once_one_wins(world: World) -> None:
    ann = await ann_with_old(world)
    token = await granted(ann)
    answers = await asyncio.gather(*(updates(ann, token) for _ in range(6)))
    assert sorted(map(said, answers), key=str) == [OK] + [TOKEN_INVALID] * 5
    assert len(await rows(world, "SELECT 1 FROM email_changes")) == 1


async def test_a_token_is_for_one_session_and_one_person(world: World) -> None:
    ann = await ann_with_old(world)
    bob = await world.person("bob", ann.app, email="bob@example.com", email_verified=True)
    token = await granted(ann)
    twin, _ = await another_session(ann)
    assert said(await updates(twin, token)) == TOKEN_INVALID
    assert said(await updates(bob, token)) == TOKEN_INVALID
    assert said(await updates(Person(world, ann.app, "", ""), token)) == NOT_SIGNED_IN
    assert said(await updates(ann, token)) == OK  # what strangers tried cost her nothing


async def by_password(ann: Person) -> None:
    other, _ = await another_session(ann)
    body = {"newPassword": "another fine password", "oldPassword": PASSWORD}
    assert said(await other.post("/api/v3/update-password", body)) == OK


async def in_her_own_session_by_password(ann: Person) -> None:
    body = {"newPassword": "another fine password", "oldPassword": PASSWORD}
    assert said(await ann.post("/api/v3/update-password", body)) == OK


async def by_unbind_and_bind(ann: Person) -> None:
    await links.unbind(ann, OLD)
    await links.bind(ann, OLD)
    ann.world.clock.advance(-61 * 2)


async def by_suspension(ann: Person) -> None:
    await set_status(ann.world, ann.user_id, "Suspended")


async def by_an_administrators_hand(ann: Person) -> None:
    counted = "UPDATE users SET stamp = stamp + 1 WHERE id = :id"
    await change(ann.world, counted, id=ann.user_id)


async def by_the_end_of_the_session(ann: Person) -> None:
    await change(ann.world, "UPDATE sessions SET ended_at = 1 WHERE user_id = :id", id=ann.user_id)


async def by_a_reset(ann: Person) -> None:
    code = await links.code(ann, OLD, "CHANNEL_RESET_PASSWORD", signed_in=False)
    shown = {"email": OLD, "passCode": code}
    body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": shown}
    proved = await ann.world.post("/api/v3/verify-reset-password-request", body, app=ann.app)
    token = proved["data"]["passwordResetToken"]
    new = {"passwordResetToken": token, "password": "another fine password"}
    assert said(await ann.world.post("/api/v3/reset-password", new, app=ann.app)) == OK
    ann.world.clock.advance(-61)


@pytest.mark.parametrize(
    ("meanwhile", "answer"),
    [
        (by_password, SESSION_ENDED),
        (in_her_own_session_by_password, TOKEN_INVALID),
        (by_unbind_and_bind, TOKEN_INVALID),
        (by_suspension, USER_SUSPENDED),
        (by_an_administrators_hand, TOKEN_INVALID),
        (by_the_end_of_the_session, SESSION_ENDED),
        (by_a_reset, SESSION_ENDED),
    ],
)
async def test_whatever_changes_meanwhile_voids_a_token(
    still: World,
    meanwhile: Callable[[Person], Awaitable[None]],
    answer: tuple[int, int | None],
) -> None:
    ann = await ann_with_old(still)
    token = await granted(ann)
    await meanwhile(ann)
    assert said(await updates(ann, token)) == answer
    assert await links.address_of(ann) == OLD


async def test_a_new_session_does_not_revive_the_token_of_one_that_ended(still: World) -> None:
    ann = await ann_with_old(still)
    token = await granted(ann)
    await by_the_end_of_the_session(ann)
    await ann.sign_in()
    assert said(await updates(ann, token)) == TOKEN_INVALID


async def test_an_undo_voids_a_token(still: World) -> None:
    ann = await ann_with_old(still)
    notice = await links.change(ann, OLD, NEW)
    pending = await links.granted_change(ann, NEW, "third@example.com")
    await links.press(still, links.url_in(notice, "undo"))
    await ann.sign_in()
    assert said(await updates(ann, pending)) == CHANGES_PAUSED
    assert await rows(still, "SELECT 1 FROM step_tokens") == []
    assert await links.address_of(ann) == OLD


async def test_of_two_who_proved_one_address_the_first_gets_it(still: World) -> None:
    ann = await ann_with_old(still)
    bob = await still.person("bob", ann.app, email="bob@example.com", email_verified=True)
    first = await granted(ann)
    second = await links.granted_change(bob, "bob@example.com", NEW)
    still.clock.advance(-61 * 2)
    assert said(await updates(ann, first)) == OK
    assert said(await updates(bob, second)) == EMAIL_TAKEN
    assert (await links.address_of(ann), await links.address_of(bob)) == (NEW, "bob@example.com")


async def test_of_two_at_once_one_gets_the_address(still: World) -> None:
    ann = await ann_with_old(still)
    bob = await still.person("bob", ann.app, email="bob@example.com", email_verified=True)
    tokens = await granted(ann), await links.granted_change(bob, "bob@example.com", NEW)
    still.clock.advance(-61 * 2)
    answers = await asyncio.gather(updates(ann, tokens[0]), updates(bob, tokens[1]))
    assert sorted(map(said, answers), key=str) == [OK, EMAIL_TAKEN]
    owners = await rows(still, "SELECT 1 FROM users WHERE email = :email", email=NEW)
    assert len(owners) == 1


async def test_a_refused_update_tells_and_changes_nothing(still: World) -> None:
    ann = await ann_with_old(still)
    bob = await still.person("bob", ann.app)
    token = await granted(ann)
    await links.bind(bob, NEW)
    still.clock.advance(-61)
    twin, _ = await another_session(ann)
    assert said(await updates(ann, token)) == EMAIL_TAKEN
    assert said(await twin.get(PROFILE)) == OK
    kept = await rows(still, "SELECT template FROM outbox WHERE template LIKE 'email_changed%'")
    assert kept == [] and await links.address_of(ann) == OLD


async def test_codes_of_the_old_address_die_and_it_is_free(still: World) -> None:
    ann = await ann_with_old(still)
    bob = await still.person("bob", ann.app)
    of_bob = await links.code(bob, OLD, "CHANNEL_BIND_EMAIL")
    of_ann = await links.code(ann, OLD, "CHANNEL_DELETE_ACCOUNT")
    of_mailbox = await links.code(ann, OLD, "CHANNEL_LOGIN", signed_in=False)
    assert said(await updates(ann, await granted(ann))) == OK
    entering = {
        "connection": "PASSCODE",
        "passCodePayload": {"email": OLD, "passCode": of_mailbox},
        "options": {"autoRegister": True},
        "client_id": ann.app.app_id,
        "client_secret": ann.app.secret,
    }
    entered = await still.post("/api/v3/signin", entering, app=ann.app)
    assert said(entered) == CODE_INCORRECT
    body: dict[str, Any] = {
        "verifyMethod": "EMAIL_PASSCODE",
        "emailPassCodePayload": {"passCode": of_ann},
    }
    shown = await ann.post("/api/v3/verify-delete-account-request", body)
    assert said(shown) == CODE_INCORRECT
    assert said(await bob.binds(OLD, of_bob)) == OK


async def test_ann_may_change_again_and_back(world: World) -> None:
    ann = await ann_with_old(world)
    await links.change(ann, OLD, NEW)
    await links.change(ann, NEW, OLD)
    assert await links.address_of(ann) == OLD
    assert said(await ann.post("/api/v3/send-email", {"email": NEW, "channel": UPDATE})) == OK
