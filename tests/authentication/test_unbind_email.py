"""`POST /api/v3/unbind-email`."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support import links
from tests.support.backstage import (
    CHANGES_PAUSED,
    CODE_EXPIRED,
    CODE_INCORRECT,
    LAST_SIGN_IN_METHOD,
    NO_EMAIL_BOUND,
    NOT_SIGNED_IN,
    OK,
    REAUTHENTICATION_REQUIRED,
    USER_SUSPENDED,
    change,
    rows,
    said,
    set_status,
    wrong,
)
from tests.support.world import Person, World

UNBIND, LOGIN = "CHANNEL_UNBIND_EMAIL", "CHANNEL_LOGIN"
ANN = "ann@example.com"


async def unbinds(person: Person, code: str) -> dict[str, Any]:
    return await person.post("/api/v3/unbind-email", {"passCode": code})


async def ann_with_address(world: World) -> Person:
    return await world.person("ann", email=ANN, email_verified=True)


async def test_ann_takes_her_address_off(still: World) -> None:
    ann = await ann_with_address(still)
    answer = await unbinds(ann, await links.code(ann, ANN, UNBIND))
    assert said(answer) == OK and "data" not in answer
    profile = (await ann.get("/api/v3/get-profile"))["data"]
    assert (profile["email"], profile["emailVerified"]) == (None, False)
    notice = await still.mail.of(ANN, "email_unbound")
    assert notice.code is None and links.url_in(notice, "undo")
    (event,) = await rows(
        still, "SELECT user_id, request_id, succeeded FROM audit_log WHERE event = 'unbindEmail'"
    )
    assert event == (ann.user_id, answer["requestId"], 1)


async def test_the_address_is_free_for_bob_afterwards(world: World) -> None:
    ann = await ann_with_address(world)
    bob = await world.person("bob", ann.app)
    await links.unbind(ann, ANN)
    await links.bind(bob, ANN)
    assert await links.address_of(bob) == ANN


async def test_each_refusal_leaves_the_address_and_the_code_unspent(still: World) -> None:
    ann = await ann_with_address(still)
    code = await links.code(ann, ANN, UNBIND)
    assert said(await unbinds(Person(still, ann.app, "", ""), code)) == NOT_SIGNED_IN
    assert said(await unbinds(ann, wrong(code))) == CODE_INCORRECT
    assert said(await ann.post("/api/v3/unbind-email", {})) == (400, None)
    still.clock.advance(301)
    assert said(await unbinds(ann, code)) == CODE_EXPIRED
    still.clock.advance(-301)
    await set_status(still, ann.user_id, "Suspended")
    assert said(await unbinds(ann, code)) == USER_SUSPENDED
    await set_status(still, ann.user_id, "Activated")
    assert await links.address_of(ann) == ANN
    assert said(await unbinds(ann, code)) == OK
    assert said(await unbinds(ann, code)) == NO_EMAIL_BOUND


async def test_bobs_code_does_not_take_anns_address_off(still: World) -> None:
    ann = await ann_with_address(still)
    bob = await still.person("bob", ann.app, email="bob@example.com", email_verified=True)
    code = await links.code(bob, "bob@example.com", UNBIND)
    await links.code(ann, ANN, UNBIND)
    assert said(await unbinds(ann, code)) == CODE_INCORRECT


async def test_a_code_asked_for_by_a_back_end_without_her_token_serves_ann(still: World) -> None:
    ann = await ann_with_address(still)
    assert said(await unbinds(ann, await links.code(ann, ANN, UNBIND, signed_in=False))) == OK


async def test_the_last_way_in_stays(still: World) -> None:
    for column in ("password_hash", "username_key = NULL, username"):
        ann = await ann_with_address(still)
        code = await links.code(ann, ANN, UNBIND)
        await change(still, f"UPDATE users SET {column} = NULL WHERE id = :id", id=ann.user_id)
        assert said(await unbinds(ann, code)) == LAST_SIGN_IN_METHOD
        assert await links.address_of(ann) == ANN
        phone = "UPDATE users SET phone = '13800000000' WHERE id = :id"
        await change(still, phone, id=ann.user_id)
        assert said(await unbinds(ann, code)) == OK


async def test_of_unbinds_at_once_one_works(world: World) -> None:
    ann = await ann_with_address(world)
    code = await links.code(ann, ANN, UNBIND)
    answers = await asyncio.gather(*(unbinds(ann, code) for _ in range(6)))
    assert sorted(said(answer) for answer in answers) == [OK] + [NO_EMAIL_BOUND] * 5
    assert len(await rows(world, "SELECT 1 FROM email_changes WHERE event = 'unbind'")) == 1


async def test_two_removals_at_once_never_lock_ann_out(world: World) -> None:
    ann = await ann_with_address(world)
    code = await links.code(ann, ANN, UNBIND)
    drop = "UPDATE users SET password_hash = NULL WHERE id = :id AND email IS NOT NULL"
    await asyncio.gather(change(world, drop, id=ann.user_id), unbinds(ann, code))
    ((email, password_hash),) = await rows(
        world, "SELECT email, password_hash FROM users WHERE id = :id", id=ann.user_id
    )
    assert email is not None or password_hash is not None


async def test_what_was_pending_dies_with_the_address(still: World) -> None:
    ann = await ann_with_address(still)
    login = await links.code(ann, ANN, LOGIN, signed_in=False)
    pending = await links.granted_change(ann, ANN, "new@example.com")
    await links.unbind(ann, ANN)
    late = await ann.post("/api/v3/update-email", {"updateEmailToken": pending})
    assert said(late) == (400, 90002)
    body = {
        "connection": "PASSCODE",
        "passCodePayload": {"email": ANN, "passCode": login},
        "options": {"autoRegister": True},
        "client_id": ann.app.app_id,
        "client_secret": ann.app.secret,
    }
    assert said(await still.post("/api/v3/signin", body, app=ann.app)) == CODE_INCORRECT


async def test_changes_rest_after_an_undo(still: World) -> None:
    ann = await ann_with_address(still)
    notice = await links.unbind(ann, ANN)
    await links.press(still, links.url_in(notice, "undo"))
    await ann.sign_in()
    code = await links.code(ann, ANN, UNBIND)
    assert said(await unbinds(ann, code)) == CHANGES_PAUSED
    assert await links.address_of(ann) == ANN


async def test_a_pool_may_ask_for_a_fresh_sign_in(still: World) -> None:
    ann = await ann_with_address(still)
    await still.set_pool(ann.app.pool_id, reauthenticateWithin="120")
    code = await links.code(ann, ANN, UNBIND)  # a minute passes
    still.clock.advance(60)
    assert said(await unbinds(ann, code)) == REAUTHENTICATION_REQUIRED
    await ann.sign_in()
    assert said(await unbinds(ann, code)) == OK
