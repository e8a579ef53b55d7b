"""`POST /api/v3/verify-update-email-request`."""

from __future__ import annotations

import asyncio

import pytest

from tests.support import links
from tests.support.backstage import (
    CHANGES_PAUSED,
    CODE_EXPIRED,
    CODE_INCORRECT,
    EMAIL_INVALID,
    EMAIL_TAKEN,
    INVALID_REQUEST,
    NO_EMAIL_BOUND,
    NOT_SIGNED_IN,
    OK,
    OLD_EMAIL_MISMATCH,
    OLD_EMAIL_REQUIRED,
    REAUTHENTICATION_REQUIRED,
    SAME_EMAIL,
    TOKEN_INVALID,
    USER_SUSPENDED,
    rows,
    said,
    set_status,
    wrong,
)
from tests.support.changes import (
    NEW,
    OLD,
    UPDATE,
    ann_with_old,
    both_codes,
    granted,
    payload,
    proves,
    updates,
)
from tests.support.life import newcomer
from tests.support.world import Person, World


async def tries(world: World) -> dict[str, tuple[int, bool]]:
    """How many tries each code has lost, and whether it is spent."""
    found = await rows(world, "SELECT email, tries, spent_at FROM verification_codes")
    return {email: (lost, spent_at is not None) for email, lost, spent_at in found}


async def test_both_codes_earn_a_token_for_a_minute(still: World) -> None:
    ann = await ann_with_old(still)
    new, old = await both_codes(ann)
    answer = await proves(ann, payload(new, old))
    assert said(answer) == OK and answer["data"]["tokenExpiresIn"] == 60
    token = answer["data"]["updateEmailToken"]
    assert len(token) >= 43  # 256 bits
    kept = str(await rows(still, "SELECT * FROM step_tokens"))
    assert token not in kept
    assert await links.address_of(ann) == OLD  # proved, not changed
    assert {spent for _, spent in (await tries(still)).values()} == {True}
    again = await proves(ann, payload(new, old))
    assert said(again) == CODE_INCORRECT


async def test_a_wrong_old_code_leaves_the_new_one_unspent_and_untried(still: World) -> None:
    ann = await ann_with_old(still)
    new, old = await both_codes(ann)
    assert said(await proves(ann, payload(new, wrong(old)))) == CODE_INCORRECT
    assert await tries(still) == {NEW: (0, False), OLD: (1, False)}
    assert said(await proves(ann, payload(wrong(new), old))) == CODE_INCORRECT
    assert await tries(still) == {NEW: (1, False), OLD: (1, False)}
    assert said(await proves(ann, payload(old, new))) == CODE_INCORRECT
    assert said(await proves(ann, payload(new, old))) == OK


async def test_a_code_that_is_too_late_leaves_the_other_unspent(still: World) -> None:
    ann = await ann_with_old(still)
    new = await links.code(ann, NEW, UPDATE)
    still.clock.advance(200)
    old = await links.code(ann, OLD, UPDATE)
    still.clock.advance(40)  # 301 s after the first, 40 s after the second
    assert said(await proves(ann, payload(new, old))) == CODE_EXPIRED
    assert await tries(still) == {NEW: (0, False), OLD: (0, False)}


async def test_each_refusal_leaves_both_codes_unspent(still: World) -> None:
    ann = await ann_with_old(still)
    new, old = await both_codes(ann)
    shown = payload(new, old)
    mistakes: list[tuple[dict[str, str | None], tuple[int, int | None]]] = [
        ({"newEmail": "not an address"}, EMAIL_INVALID),
        ({"newEmail": "OLD@Example.com"}, SAME_EMAIL),
        ({"oldEmail": "other@example.com"}, OLD_EMAIL_MISMATCH),
        ({"oldEmail": "not an address"}, EMAIL_INVALID),
        ({"oldEmail": None}, OLD_EMAIL_REQUIRED),
        ({"oldEmailPassCode": None}, OLD_EMAIL_REQUIRED),
        ({"newEmailPassCode": None}, INVALID_REQUEST),
        ({"newEmail": "third@example.com"}, CODE_INCORRECT),
    ]
    for more, refusal in mistakes:
        assert said(await proves(ann, shown | more)) == refusal, more
    nobody = Person(still, ann.app, "", "")
    assert said(await proves(nobody, shown)) == NOT_SIGNED_IN
    await set_status(still, ann.user_id, "Suspended")
    assert said(await proves(ann, shown)) == USER_SUSPENDED
    await set_status(still, ann.user_id, "Activated")
    phone = {"verifyMethod": "PHONE_PASSCODE", "emailPassCodePayload": shown}
    answer = await ann.post("/api/v3/verify-update-email-request", phone)
    assert said(answer) == INVALID_REQUEST
    assert await tries(still) == {NEW: (0, False), OLD: (0, False)}
    assert await rows(still, "SELECT 1 FROM step_tokens") == []
    assert said(await proves(ann, payload(new, old, newEmail=" NEW@Example.COM "))) == OK


async def test_who_has_no_address_has_none_to_change(world: World) -> None:
    ann = await world.person("ann")
    new = await links.code(ann, NEW, UPDATE)
    assert said(await proves(ann, payload(new, "123456"))) == NO_EMAIL_BOUND


async def test_a_taken_address_is_told_only_to_who_proved_both_mailboxes(still: World) -> None:
    ann = await ann_with_old(still)
    await still.person("bob", ann.app, sign_in=False, email=NEW)
    new, old = await both_codes(ann)
    assert said(await proves(ann, payload(wrong(new), old))) == CODE_INCORRECT
    assert said(await proves(ann, payload(new, wrong(old)))) == CODE_INCORRECT
    assert said(await proves(ann, payload(new, old))) == EMAIL_TAKEN
    assert {spent for _, spent in (await tries(still)).values()} == {False}


async def test_codes_of_bob_prove_nothing_for_ann(still: World) -> None:
    ann = await ann_with_old(still)
    bob = await still.person("bob", ann.app, email="bob@example.com")
    of_bob = await links.code(bob, NEW, UPDATE)
    new, old = await both_codes(ann)
    assert said(await proves(ann, payload(of_bob, old))) == CODE_INCORRECT
    assert said(await proves(ann, payload(new, old))) == OK


async def test_codes_asked_for_by_a_back_end_without_a_token_serve_ann(world: World) -> None:
    ann = await ann_with_old(world)
    new = await links.code(ann, NEW, UPDATE, signed_in=False)
    old = await links.code(ann, OLD, UPDATE, signed_in=False)
    assert said(await proves(ann, payload(new, old))) == OK


async def test_a_second_request_voids_the_token_of_the_first(still: World) -> None:
    ann = await ann_with_old(still)
    first = await granted(ann)
    second = await granted(ann)
    still.clock.advance(-61 * 2)  # so that age alone refuses neither
    assert said(await updates(ann, first)) == TOKEN_INVALID
    assert said(await updates(ann, second)) == OK


async def test_of_requests_at_once_one_gets_the_token(world: World) -> None:
    ann = await ann_with_old(world)
    shown = payload(*await both_codes(ann))
    answers = await asyncio.gather(*(proves(ann, shown) for _ in range(6)))
    assert sorted(map(said, answers), key=str) == [OK] + [CODE_INCORRECT] * 5
    (token,) = [answer["data"]["updateEmailToken"] for answer in answers if "data" in answer]
    assert said(await updates(ann, token)) == OK


class TestPolicies:
    @pytest.mark.parametrize("notice", ["true", "false"])
    async def test_a_pool_may_do_without_the_old_mailbox(self, world: World, notice: str) -> None:
        pool = await world.pool(
            changeEmailStrategy__verifyOldEmail="false",
            changeEmailStrategy__noticeToOldEmail=notice,
        )
        ann = await ann_with_old(world, await world.app(pool))
        new = await links.code(ann, NEW, UPDATE)
        mismatch = await proves(ann, payload(new, oldEmail="other@example.com"))
        assert said(mismatch) == OLD_EMAIL_MISMATCH
        answer = await proves(ann, payload(new))
        assert said(answer) == OK
        assert said(await updates(ann, answer["data"]["updateEmailToken"])) == OK
        await world.mail.of(NEW, "email_changed")
        told = await rows(world, "SELECT recipient FROM outbox WHERE recipient = :old", old=OLD)
        assert len(told) == (1 if notice == "true" else 0)
        if notice == "true":
            links.url_in(await world.mail.of(OLD, "email_changed_from"), "undo")

    async def test_an_old_address_that_was_never_proved_gets_no_undo(self, world: World) -> None:
        """Whoever has its mailbox, perhaps nobody of the account, would get in by it."""
        pool = await world.pool(changeEmailStrategy__verifyOldEmail="false")
        ann = await newcomer(world, await world.app(pool), email=OLD)
        answer = await proves(ann, payload(await links.code(ann, NEW, UPDATE)))
        assert said(await updates(ann, answer["data"]["updateEmailToken"])) == OK
        await world.mail.of(NEW, "email_changed")
        assert await rows(world, "SELECT 1 FROM outbox WHERE recipient = :old", old=OLD) == []

    async def test_by_default_the_old_mailbox_is_asked_for(self, world: World) -> None:
        ann = await ann_with_old(world)
        new = await links.code(ann, NEW, UPDATE)
        assert said(await proves(ann, payload(new))) == OLD_EMAIL_REQUIRED

    async def test_an_old_code_that_is_not_asked_for_is_not_looked_at(self, still: World) -> None:
        pool = await still.pool(changeEmailStrategy__verifyOldEmail="false")
        ann = await ann_with_old(still, await still.app(pool))
        new, old = await both_codes(ann)
        assert said(await proves(ann, payload(new, wrong(old)))) == OK
        assert (await tries(still))[OLD] == (0, False)

    async def test_a_pool_may_ask_for_a_fresh_sign_in(self, still: World) -> None:
        ann = await ann_with_old(still)
        new, old = await both_codes(ann)
        await still.set_pool(ann.app.pool_id, reauthenticateWithin="60")
        assert said(await proves(ann, payload(new, old))) == REAUTHENTICATION_REQUIRED
        await ann.sign_in()
        answer = await proves(ann, payload(new, old))
        still.clock.advance(59)
        await still.set_pool(ann.app.pool_id, reauthenticateWithin="30")
        late = await updates(ann, answer["data"]["updateEmailToken"])
        assert said(late) == REAUTHENTICATION_REQUIRED

    async def test_changes_rest_after_an_undo(self, world: World) -> None:
        ann = await ann_with_old(world)
        notice = await links.change(ann, OLD, NEW)
        await links.press(world, links.url_in(notice, "undo"))
        await ann.sign_in()
        shown = payload(*await both_codes(ann))
        assert said(await proves(ann, shown)) == CHANGES_PAUSED
