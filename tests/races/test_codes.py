"""Many at the same time, at two servers over one database."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from gatepost.vocabulary.channel import Channel
from tests.support.cluster import Crowd

OK = (200, None)
CODE_INCORRECT = (400, 2001)
EMAIL_TAKEN = (409, 2200)
ALREADY_BOUND = (422, 90001)
TOO_RECENTLY = (422, 2080)
ROUNDS = 20


def said(answer: dict[str, Any]) -> tuple[int, int | None]:
    assert answer["http"] == 200, answer
    return answer["statusCode"], answer.get("apiCode")


def wrong_answers(right: str, count: int) -> list[str]:
    """Different answers, none of them right."""
    size = 10 ** len(right)
    return [f"{(int(right) + n) % size:0{len(right)}d}" for n in range(1, count + 1)]


async def test_of_32_binds_with_one_code_one_wins(crowd: Crowd) -> None:
    people = await crowd.members(4)
    code = await crowd.cluster.issue("one@example.com")
    answers = await asyncio.gather(
        *(crowd.binds(people[n % 4], "one@example.com", code) for n in range(32))
    )
    outcomes = Counter(said(answer) for answer in answers)
    assert outcomes[OK] == 1
    assert set(outcomes) <= {OK, CODE_INCORRECT, ALREADY_BOUND}
    owners = await crowd.cluster.rows("SELECT id FROM users WHERE email = 'one@example.com'")
    receipts = await crowd.cluster.rows(
        "SELECT 1 FROM outbox WHERE template = 'email_bound' AND recipient = 'one@example.com'"
    )
    assert (len(owners), len(receipts)) == (1, 1)


async def test_of_32_binds_by_one_person_one_wins(crowd: Crowd) -> None:
    (ann,) = await crowd.members(1)
    code = await crowd.cluster.issue("ann32@example.com", ann.user_id)
    answers = await asyncio.gather(
        *(crowd.binds(ann, "ann32@example.com", code) for _ in range(32))
    )
    assert Counter(said(answer) for answer in answers) == {OK: 1, ALREADY_BOUND: 31}


async def test_of_two_with_codes_for_one_address_one_wins_and_the_other_is_told(
    crowd: Crowd,
) -> None:
    people = await crowd.members(2 * ROUNDS)
    for n in range(ROUNDS):
        email, ann, bob = f"two{n}@example.com", people[2 * n], people[2 * n + 1]
        first = await crowd.cluster.issue(email, ann.user_id)
        second = await crowd.cluster.issue(email, bob.user_id)
        answers = await asyncio.gather(
            crowd.binds(ann, email, first), crowd.binds(bob, email, second)
        )
        assert Counter(said(answer) for answer in answers) == {OK: 1, EMAIL_TAKEN: 1}
        loser, code = (bob, second) if said(answers[0]) == OK else (ann, first)
        # The refusal took nothing: the code is still right, and told the same.
        assert said(await crowd.binds(loser, email, code)) == EMAIL_TAKEN


async def failures(crowd: Crowd, *names: str) -> list[int]:
    """What failure budgets have counted."""
    rows = await crowd.cluster.rows("SELECT id, hour_failures FROM failure_budgets")
    counted = {row[0]: row[1] for row in rows}
    return [counted.get(name, 0) for name in names]


async def test_of_200_wrong_codes_five_are_compared(crowd: Crowd) -> None:
    (ann,) = await crowd.members(1)
    email, pool_id = "wrong@example.com", crowd.cluster.pool_id
    code = await crowd.cluster.issue(email, ann.user_id)
    answers = await asyncio.gather(
        *(crowd.binds(ann, email, answer) for answer in wrong_answers(code, 200))
    )
    assert Counter(said(answer) for answer in answers) == {CODE_INCORRECT: 200}
    ((tries,),) = await crowd.cluster.rows(
        f"SELECT tries FROM verification_codes WHERE email = '{email}'"
    )
    # A budget counts each look that had a try left, and only those go on to be compared.
    of_address = f"address {pool_id} {Channel.BIND_EMAIL} {email}"
    assert tries == 5
    assert await failures(crowd, of_address, f"user {ann.user_id}") == [5, 5]
    assert said(await crowd.binds(ann, email, code)) == CODE_INCORRECT


async def test_of_200_wrong_sign_ins_five_a_client_and_twenty_in_all_are_compared(
    crowd: Crowd,
) -> None:
    email, pool_id = "enter@example.com", crowd.cluster.pool_id
    code = await crowd.cluster.issue(email, channel=Channel.LOGIN)
    clients = [f"203.0.113.{n}" for n in range(1, 6)]
    answers = await asyncio.gather(
        *(
            crowd.enters(email, answer, clients[n % 5])
            for n, answer in enumerate(wrong_answers(code, 200))
        )
    )
    assert Counter(said(answer) for answer in answers) == {CODE_INCORRECT: 200}
    (row,) = await crowd.cluster.rows(
        f"SELECT tries, nonce FROM verification_codes WHERE email = '{email}'"
    )
    per_client = await crowd.cluster.rows(
        f"SELECT tries FROM verification_tries WHERE nonce = '{row[1]}' ORDER BY prover"
    )
    assert row[0] == 20 == sum(tries for (tries,) in per_client)
    assert all(tries <= 5 for (tries,) in per_client)
    assert await failures(crowd, f"address {pool_id} {Channel.LOGIN} {email}") == [20]


async def test_a_stranger_who_guesses_wildly_does_not_keep_the_owner_out(crowd: Crowd) -> None:
    email = "owner@example.com"
    (ann,) = await crowd.members(1)
    await crowd.cluster.change(
        f"UPDATE users SET email = '{email}', email_verified_at = 1 WHERE id = '{ann.user_id}'"
    )
    code = await crowd.cluster.issue(email, channel=Channel.LOGIN)
    guesses = [crowd.enters(email, answer, "203.0.113.66") for answer in wrong_answers(code, 60)]
    guesses.insert(30, crowd.enters(email, code, "198.51.100.7"))
    answers = await asyncio.gather(*guesses)
    assert said(answers.pop(30)) == OK
    assert Counter(said(answer) for answer in answers) == {CODE_INCORRECT: 60}


async def test_a_wrong_burst_never_starves_the_right_code_while_tries_are_left(
    crowd: Crowd,
) -> None:
    people = await crowd.members(10)
    for n, ann in enumerate(people):
        email = f"burst{n}@example.com"
        code = await crowd.cluster.issue(email, ann.user_id)
        shown = wrong_answers(code, 4)
        shown.insert(n % 5, code)
        answers = await asyncio.gather(*(crowd.binds(ann, email, answer) for answer in shown))
        assert said(answers.pop(n % 5)) == OK
        assert {said(answer) for answer in answers} <= {CODE_INCORRECT, ALREADY_BOUND}


async def test_of_many_who_ask_at_once_one_gets_a_mail(crowd: Crowd) -> None:
    people = await crowd.members(2)
    email = "asked@example.com"
    answers = await asyncio.gather(*(crowd.asks(email, people[n % 2]) for n in range(24)))
    assert Counter(said(answer) for answer in answers) == {OK: 1, TOO_RECENTLY: 23}
    mails = await crowd.cluster.rows(f"SELECT id FROM outbox WHERE recipient = '{email}'")
    assert len(mails) == 1
