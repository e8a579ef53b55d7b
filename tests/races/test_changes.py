"""Removals, changes, resets and deletions at the same time, at two servers over one database."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from gatepost.vocabulary.channel import Channel
from tests.races.test_codes import OK, said
from tests.support.cluster import Crowd, Member
from tests.support.world import PASSWORD

SESSION_ENDED = (401, 2206)
TOKEN_INVALID = (400, 90002)
CODE_INCORRECT = (400, 2001)
EMAIL_TAKEN = (409, 2200)
NO_EMAIL_BOUND = (422, 2219)
LAST_SIGN_IN_METHOD = (422, 2217)
ROUNDS = 4
AT_ONCE = 8


async def has_address(crowd: Crowd, member: Member) -> str:
    """Give somebody an address that they proved long ago."""
    email = f"{member.username}@example.com"
    await crowd.cluster.change(
        f"UPDATE users SET email = '{email}', email_verified_at = 1 WHERE id = '{member.user_id}'"
    )
    return email


async def change_token(crowd: Crowd, ann: Member, old: str, new: str) -> str:
    """The token for a change of address."""
    codes = [
        await crowd.cluster.issue(email, ann.user_id, Channel.UPDATE_EMAIL) for email in (old, new)
    ]
    payload = {
        "oldEmail": old,
        "oldEmailPassCode": codes[0],
        "newEmail": new,
        "newEmailPassCode": codes[1],
    }
    body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}
    answer = await crowd.post("verify-update-email-request", body, ann.token)
    return str(answer["data"]["updateEmailToken"])


async def reset_token(crowd: Crowd, email: str) -> str:
    """The token for a new password."""
    code = await crowd.cluster.issue(email, channel=Channel.RESET_PASSWORD)
    payload = {"email": email, "passCode": code}
    body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}
    answer = await crowd.post("verify-reset-password-request", body)
    return str(answer["data"]["passwordResetToken"])


async def deletion_token(crowd: Crowd, ann: Member) -> str:
    """The token for the end of an account without an address."""
    body = {"verifyMethod": "PASSWORD", "passwordPayload": {"password": PASSWORD}}
    answer = await crowd.post("verify-delete-account-request", body, ann.token)
    return str(answer["data"]["deleteAccountToken"])


async def at_once(*calls: Any) -> Counter[tuple[int, int | None]]:
    """What so many calls at the same time answer."""
    return Counter(said(answer) for answer in await asyncio.gather(*calls))


async def count(crowd: Crowd, table: str, condition: str) -> int:
    """How many rows there are."""
    found = await crowd.cluster.rows(f"SELECT count(*) FROM {table} WHERE {condition}")
    return int(found[0][0])


async def test_of_unbinds_at_once_one_works(crowd: Crowd) -> None:
    for ann in await crowd.members(ROUNDS):
        email = await has_address(crowd, ann)
        code = await crowd.cluster.issue(email, ann.user_id, Channel.UNBIND_EMAIL)
        body = {"passCode": code}
        calls = (crowd.post("unbind-email", body, ann.token) for _ in range(AT_ONCE))
        assert await at_once(*calls) == {OK: 1, NO_EMAIL_BOUND: AT_ONCE - 1}
        assert await count(crowd, "email_changes", f"user_id = '{ann.user_id}'") == 1
        mails = f"template = 'email_unbound' AND recipient = '{email}'"
        assert await count(crowd, "outbox", mails) == 1


async def test_two_removals_at_once_leave_a_way_in(crowd: Crowd) -> None:
    for ann in await crowd.members(2 * ROUNDS):
        email = await has_address(crowd, ann)
        code = await crowd.cluster.issue(email, ann.user_id, Channel.UNBIND_EMAIL)
        answers = await at_once(
            crowd.post("unbind-email", {"passCode": code}, ann.token),
            crowd.post("update-profile", {"username": ""}, ann.token),
        )
        assert answers == {OK: 1, LAST_SIGN_IN_METHOD: 1}
        kept = f"id = '{ann.user_id}' AND (email IS NULL) <> (username IS NULL)"
        assert await count(crowd, "users", kept) == 1


async def test_of_updates_at_once_one_works(crowd: Crowd) -> None:
    for ann in await crowd.members(ROUNDS):
        email = await has_address(crowd, ann)
        token = await change_token(crowd, ann, email, f"new-{email}")
        body = {"updateEmailToken": token}
        calls = (crowd.post("update-email", body, ann.token) for _ in range(AT_ONCE))
        assert await at_once(*calls) == {OK: 1, TOKEN_INVALID: AT_ONCE - 1}
        assert await count(crowd, "email_changes", f"user_id = '{ann.user_id}'") == 1


async def test_of_two_who_change_to_one_address_one_gets_it(crowd: Crowd) -> None:
    people = await crowd.members(2 * ROUNDS)
    for ann, bob in zip(people[::2], people[1::2], strict=True):
        wanted = f"wanted-by-{ann.username}@example.com"
        tokens = [
            await change_token(crowd, who, await has_address(crowd, who), wanted)
            for who in (ann, bob)
        ]
        answers = await at_once(
            crowd.post("update-email", {"updateEmailToken": tokens[0]}, ann.token),
            crowd.post("update-email", {"updateEmailToken": tokens[1]}, bob.token),
        )
        assert answers == {OK: 1, EMAIL_TAKEN: 1}
        assert await count(crowd, "users", f"email = '{wanted}'") == 1


async def test_of_an_update_and_an_unbind_at_once_one_works(crowd: Crowd) -> None:
    for ann in await crowd.members(2 * ROUNDS):
        email = await has_address(crowd, ann)
        token = await change_token(crowd, ann, email, f"new-{email}")
        code = await crowd.cluster.issue(email, ann.user_id, Channel.UNBIND_EMAIL)
        answers = await at_once(
            crowd.post("update-email", {"updateEmailToken": token}, ann.token),
            crowd.post("unbind-email", {"passCode": code}, ann.token),
        )
        assert answers in ({OK: 1, TOKEN_INVALID: 1}, {OK: 1, CODE_INCORRECT: 1})
        assert await count(crowd, "email_changes", f"user_id = '{ann.user_id}'") == 1


async def test_of_resets_at_once_one_works(crowd: Crowd) -> None:
    for ann in await crowd.members(2):
        email = await has_address(crowd, ann)
        token = await reset_token(crowd, email)
        bodies = (
            {"passwordResetToken": token, "password": f"a brand new one, number {n}"}
            for n in range(AT_ONCE)
        )
        answers = await at_once(*(crowd.post("reset-password", body) for body in bodies))
        assert answers == {OK: 1, TOKEN_INVALID: AT_ONCE - 1}
        mails = f"template = 'user_password_reset_notification' AND recipient = '{email}'"
        assert await count(crowd, "outbox", mails) == 1


async def test_a_reset_and_an_update_at_once_never_both_work(crowd: Crowd) -> None:
    for ann in await crowd.members(ROUNDS):
        email = await has_address(crowd, ann)
        token = await change_token(crowd, ann, email, f"new-{email}")
        reset = {
            "passwordResetToken": await reset_token(crowd, email),
            "password": "a new password",
        }
        answers = await at_once(
            crowd.post("update-email", {"updateEmailToken": token}, ann.token),
            crowd.post("reset-password", reset),
        )
        assert answers in ({OK: 1, SESSION_ENDED: 1}, {OK: 1, TOKEN_INVALID: 1})


async def test_of_deletions_at_once_one_works(crowd: Crowd) -> None:
    for ann in await crowd.members(2):
        body = {"deleteAccountToken": await deletion_token(crowd, ann)}
        calls = (crowd.post("delete-account", body, ann.token) for _ in range(AT_ONCE))
        assert await at_once(*calls) == {OK: 1, SESSION_ENDED: AT_ONCE - 1}
        assert await count(crowd, "users", f"id = '{ann.user_id}'") == 0


async def test_a_deletion_among_refreshes_leaves_nothing(crowd: Crowd) -> None:
    for ann in await crowd.members(ROUNDS):
        tokens = await asyncio.gather(*(crowd.refresh_token(ann) for _ in range(4)))
        body = {"deleteAccountToken": await deletion_token(crowd, ann)}
        deleted, *statuses = await asyncio.gather(
            crowd.post("delete-account", body, ann.token),
            *(crowd.refreshes(token) for token in tokens),
        )
        assert said(deleted) == OK
        assert set(statuses) <= {200, 400}
        assert await count(crowd, "sessions", f"user_id = '{ann.user_id}'") == 0
