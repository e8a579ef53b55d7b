"""The guards of one-time codes, one small test each: `tests/mutants` relies on every one."""

from __future__ import annotations

import secrets

import msgspec
import pytest

from gatepost.credentials import codes
from gatepost.credentials.codes import Purpose
from gatepost.management.pools import create_pool
from gatepost.management.users import create_user
from gatepost.server_keys import ServerKeys
from gatepost.storage import users, verification_codes
from gatepost.storage.database import Transaction
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.refusals import CodeExpired, CodeIncorrect, EmailTaken, TooManyRequests
from gatepost.vocabulary.user_pool import PoolSettings, UserPool
from gatepost.vocabulary.verification_code import ANYBODY, VerificationCode
from tests.support.code_bench import (
    KEYS,
    RIGHT,
    CodeBench,
    address,
    new_pool,
    wrong,
)

WRONG = "CodeIncorrect"


@pytest.mark.parametrize("part", ["user_pool_id", "channel", "email", "subject", "nonce"])
def test_the_digits_come_from_everything_that_a_code_belongs_to(part: str) -> None:
    code = VerificationCode("id", "pool", "channel", "a@b.c", "ann", "nonce", "first", 10, 0, 0, 0)
    other = msgspec.structs.replace(code, **{part: "other"})
    assert codes.digits_of(KEYS, code) == codes.digits_of(KEYS, code)
    assert codes.digits_of(KEYS, code) != codes.digits_of(KEYS, other)


# Tries


async def test_a_wrong_answer_is_counted_though_it_is_refused(bench: CodeBench) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    assert await bench.look(purpose, wrong(code.digits)) == WRONG
    assert await bench.tries(purpose) == {"ann": 1}
    assert await bench.failures(purpose) == [1, 1]


class BrokenKeys(ServerKeys):
    """Keys that fail when a code is derived from them."""

    def mac(self, key_id: str, purpose: str | bytes, *parts: str | bytes) -> bytes:
        raise RuntimeError("the comparison broke")


async def test_a_look_is_counted_before_it_is_compared(bench: CodeBench) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    bench.keys = BrokenKeys({"first": bytes(32)}, secrets.token_bytes)
    with pytest.raises(RuntimeError, match="the comparison broke"):
        await bench.look(purpose, code.digits)
    assert await bench.tries(purpose) == {"ann": 1}
    assert await bench.failures(purpose) == [1, 1]


async def test_five_wrong_answers_kill_a_code(bench: CodeBench) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    assert await bench.looks(4, purpose, wrong(code.digits)) == {WRONG}
    assert await bench.look(purpose, code.digits) == RIGHT
    assert await bench.look(purpose, wrong(code.digits)) == WRONG
    assert await bench.look(purpose, code.digits) == WRONG
    assert await bench.tries(purpose) == {"ann": 5}


async def test_a_dead_code_draws_on_no_budget(bench: CodeBench) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    assert await bench.looks(30, purpose, wrong(code.digits)) == {WRONG}
    assert await bench.failures(purpose) == [5, 5]


async def test_twenty_wrong_answers_kill_a_code_that_anybody_may_show(bench: CodeBench) -> None:
    purpose = bench.purpose(subject=ANYBODY, channel=Channel.LOGIN)
    code = await bench.issue(purpose)
    for n in range(19):
        assert await bench.look(purpose, wrong(code.digits), f"client {n}") == WRONG
    assert await bench.look(purpose, code.digits, "ann") == RIGHT
    assert await bench.look(purpose, wrong(code.digits), "client 19") == WRONG
    assert await bench.look(purpose, code.digits, "ann") == WRONG


async def test_each_prover_has_five_tries_of_their_own(bench: CodeBench) -> None:
    purpose = bench.purpose(subject=ANYBODY, channel=Channel.LOGIN)
    code = await bench.issue(purpose)
    assert await bench.looks(5, purpose, wrong(code.digits), "mallory") == {WRONG}
    assert await bench.look(purpose, code.digits, "mallory") == WRONG
    assert await bench.look(purpose, code.digits, "ann") == RIGHT


async def test_who_has_no_tries_left_takes_none_of_others(bench: CodeBench) -> None:
    purpose = bench.purpose(subject=ANYBODY, channel=Channel.LOGIN)
    code = await bench.issue(purpose)
    assert await bench.looks(40, purpose, wrong(code.digits), "mallory") == {WRONG}
    assert await bench.tries(purpose) == {ANYBODY: 5}
    assert await bench.look(purpose, code.digits, "ann") == RIGHT


async def test_a_used_up_prover_beside_an_own_code_takes_nothing_from_others(
    bench: CodeBench,
) -> None:
    own = bench.purpose()
    shared = bench.purpose(own.pool, subject=ANYBODY)
    theirs = await bench.issue(shared)
    assert await bench.looks(5, own, wrong(theirs.digits), "ann") == {WRONG}
    mine = await bench.issue(own)
    assert await bench.looks(3, own, wrong(mine.digits), "ann") == {WRONG}
    assert await bench.tries(own) == {"ann": 3, ANYBODY: 5}


async def test_who_asks_again_gets_their_own_tries_back_and_nobody_elses(
    bench: CodeBench,
) -> None:
    purpose = bench.purpose(subject=ANYBODY, channel=Channel.LOGIN)
    code = await bench.issue(purpose, "ann")
    for prover in ("ann", "mallory"):
        assert await bench.looks(5, purpose, wrong(code.digits), prover) == {WRONG}
    assert await bench.issue(purpose, "ann") == code
    assert await bench.look(purpose, code.digits, "mallory") == WRONG
    assert await bench.look(purpose, code.digits, "ann") == RIGHT
    assert await bench.tries(purpose) == {ANYBODY: 10}


async def test_who_asks_again_and_again_leaves_others_their_tries(bench: CodeBench) -> None:
    purpose = bench.purpose(subject=ANYBODY, channel=Channel.LOGIN)
    code = await bench.issue(purpose, "ann")
    for _ in range(4):
        assert await bench.looks(5, purpose, wrong(code.digits), "mallory") == {WRONG}
        assert await bench.issue(purpose, "mallory") == code
    assert await bench.look(purpose, code.digits, "mallory") == WRONG
    assert await bench.tries(purpose) == {ANYBODY: 15}
    assert await bench.looks(4, purpose, wrong(code.digits), "ann") == {WRONG}
    assert await bench.look(purpose, code.digits, "ann") == RIGHT


async def test_a_code_that_lives_longer_is_known_by_the_tries_of_now(bench: CodeBench) -> None:
    purpose = bench.purpose(subject=ANYBODY, channel=Channel.LOGIN)
    issued = await bench.issue(purpose)
    seen = await bench.live(purpose)
    assert seen is not None
    await bench.looks(2, purpose, wrong(issued.digits), "mallory")
    end = seen.expires_at + 1
    extended = await bench.database.unit(lambda tx: verification_codes.extend(tx, seen, end))
    assert extended == msgspec.structs.replace(seen, tries=2, expires_at=end)


async def test_of_two_answers_only_the_wrong_one_is_counted(bench: CodeBench) -> None:
    old, new = bench.purpose(email="old@example.com"), bench.purpose(email="new@example.com")
    first, second = await bench.issue(old), await bench.issue(new)
    shown = [(old, first.digits), (new, wrong(second.digits))]
    for _ in range(4):
        with pytest.raises(CodeIncorrect):
            await bench.database.unit(lambda tx: codes.check_all(tx, bench.keys, shown, "ann"))
    assert [(await bench.live(each)).tries for each in (old, new)] == [0, 4]  # type: ignore[union-attr]
    assert await bench.failures(old) == [0, 4]
    assert await bench.failures(new) == [4, 4]


async def test_where_there_is_no_code_no_guess_is_counted(bench: CodeBench) -> None:
    old = bench.purpose(email="old@example.com")
    new = bench.purpose(old.pool, email="new@example.com")
    shown = [(old, (await bench.issue(old)).digits), (new, "123456")]
    for _ in range(4):
        with pytest.raises(CodeIncorrect):
            await bench.database.unit(lambda tx: codes.check_all(tx, bench.keys, shown, "ann"))
        assert await bench.look(new, "123456") == WRONG
    assert await bench.failures(old) == [0, 0]
    assert await bench.failures(new) == [0, 0]


async def test_of_two_answers_the_right_one_takes_nothing_from_the_budget(
    bench: CodeBench,
) -> None:
    old = bench.purpose(hasty(), email="old@example.com")
    new = bench.purpose(old.pool, email="new@example.com")
    first, second = await bench.issue(old), await bench.issue(new)
    assert await bench.looks(2, new, wrong(second.digits)) == {WRONG}
    shown = [(old, first.digits), (new, second.digits)]
    proofs = await bench.database.unit(lambda tx: codes.check_all(tx, bench.keys, shown, "ann"))
    assert [proof.code.email for proof in proofs] == ["old@example.com", "new@example.com"]


async def test_spending_gives_back_the_try_of_the_code_beside_it(bench: CodeBench) -> None:
    own = bench.purpose()
    shared = bench.purpose(own.pool, subject=ANYBODY)
    theirs, mine = await bench.issue(shared), await bench.issue(own)
    assert await bench.use(own, mine.digits, "ann") == RIGHT
    assert await bench.tries(own) == {ANYBODY: 0}
    assert await bench.looks(4, shared, wrong(theirs.digits), "ann") == {WRONG}
    assert await bench.look(shared, theirs.digits, "ann") == RIGHT


async def test_a_late_look_is_uncounted_even_where_its_refusal_is_caught(
    bench: CodeBench,
) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    bench.clock.advance(300)

    async def caught(tx: Transaction) -> None:
        with pytest.raises(CodeExpired):
            await codes.check(tx, bench.keys, purpose, code.digits, "ann")

    await bench.database.unit(caught)
    assert await bench.tries(purpose) == {"ann": 0}
    assert await bench.failures(purpose) == [0, 0]


async def test_a_right_look_takes_no_try_of_any_kind(bench: CodeBench) -> None:
    purpose = bench.purpose(subject=ANYBODY)
    code = await bench.issue(purpose)
    assert await bench.looks(30, purpose, code.digits, "ann") == {RIGHT}
    assert await bench.tries(purpose) == {ANYBODY: 0}
    assert await bench.failures(purpose) == [0]


async def test_white_space_around_an_answer_is_no_part_of_it(bench: CodeBench) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    assert await bench.look(purpose, f"  {code.digits}\n") == RIGHT


# What a code belongs to


@pytest.mark.parametrize("other", ["pool", "channel", "email", "subject"])
async def test_a_code_opens_nothing_else(bench: CodeBench, other: str) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    elsewhere = {
        "pool": bench.purpose(),
        "channel": bench.purpose(purpose.pool, Channel.UNBIND_EMAIL),
        "email": bench.purpose(purpose.pool, email="ann2@example.com"),
        "subject": bench.purpose(purpose.pool, subject="bob"),
    }[other]
    assert await bench.look(elsewhere, code.digits) == WRONG
    assert await bench.tries(purpose) == {"ann": 0}


async def test_nobody_shows_the_code_of_somebody(bench: CodeBench) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    assert await bench.look(bench.purpose(purpose.pool, subject=ANYBODY), code.digits) == WRONG


async def test_somebody_may_show_the_code_of_anybody(bench: CodeBench) -> None:
    own = bench.purpose()
    shared = bench.purpose(own.pool, subject=ANYBODY)
    first, second = await bench.issue(own), await bench.issue(shared)
    assert await bench.look(own, first.digits, "ann") == RIGHT
    assert await bench.use(own, second.digits, "ann") == RIGHT
    assert await bench.tries(own) == {"ann": 0}


async def test_a_code_of_a_key_that_is_gone_is_wrong(bench: CodeBench) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    bench.keys = ServerKeys({"second": bytes(32)}, secrets.token_bytes)
    assert await bench.look(purpose, code.digits) == WRONG
    again = await bench.issue(purpose)
    assert await bench.look(purpose, again.digits) == RIGHT


# Time


async def test_a_code_works_to_its_last_second(bench: CodeBench) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    bench.clock.advance(299)
    assert await bench.look(purpose, code.digits) == RIGHT
    bench.clock.advance(1)
    assert await bench.use(purpose, code.digits) == "CodeExpired"
    assert await bench.look(purpose, wrong(code.digits)) == WRONG


async def test_a_code_from_the_future_is_late(bench: CodeBench) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    bench.clock.advance(-60)
    assert await bench.look(purpose, code.digits) == RIGHT
    bench.clock.advance(-1)
    assert await bench.look(purpose, code.digits) == "CodeExpired"


# Once


async def test_a_code_that_two_hold_is_spent_by_one(bench: CodeBench) -> None:
    purpose = bench.purpose()
    issued = await bench.issue(purpose)
    first = await bench.code(purpose, issued.digits)
    second = await bench.code(purpose, issued.digits)
    await bench.spend(first)
    with pytest.raises(CodeIncorrect):
        await bench.spend(second)


async def test_a_spent_code_is_wrong_at_every_look(bench: CodeBench) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    assert await bench.use(purpose, code.digits) == RIGHT
    assert await bench.look(purpose, code.digits) == WRONG
    assert (await bench.issue(purpose)).digits != code.digits


async def test_a_spent_code_is_neither_live_nor_given_more_time(bench: CodeBench) -> None:
    purpose = bench.purpose()
    issued = await bench.issue(purpose)
    proof = await bench.code(purpose, issued.digits)
    assert (await bench.live(purpose)) is not None
    await bench.spend(proof)
    assert await bench.live(purpose) is None
    code, later = proof.code, proof.code.expires_at + 1
    assert not await bench.database.unit(lambda tx: verification_codes.extend(tx, code, later))


async def test_a_code_that_was_replaced_cannot_be_spent(bench: CodeBench) -> None:
    purpose = bench.purpose()
    issued = await bench.issue(purpose)
    held = await bench.code(purpose, issued.digits)
    bench.clock.advance(421)
    fresh = await bench.issue(purpose)
    with pytest.raises(CodeIncorrect):
        await bench.spend(held)
    assert await bench.use(purpose, fresh.digits) == RIGHT


# Budgets


def hasty(**more: bool) -> UserPool:
    """A pool that bears three failures an hour."""
    return new_pool({"codeFailuresPerHour": 3}, **more)


async def test_beyond_the_budget_short_codes_die_and_long_ones_come(bench: CodeBench) -> None:
    purpose = bench.purpose(hasty())
    code = await bench.issue(purpose)
    assert await bench.looks(3, purpose, wrong(code.digits)) == {WRONG}
    assert await bench.look(purpose, code.digits) == WRONG
    long = await bench.issue(purpose)
    assert (len(code.digits), len(long.digits)) == (6, 10)
    assert await bench.use(purpose, long.digits) == RIGHT


async def test_a_proof_makes_codes_short_again(bench: CodeBench) -> None:
    purpose = bench.purpose(hasty())
    code = await bench.issue(purpose)
    await bench.looks(3, purpose, wrong(code.digits))
    assert await bench.use(purpose, (await bench.issue(purpose)).digits) == RIGHT
    assert len((await bench.issue(purpose)).digits) == 6


async def test_a_resend_resets_no_budget(bench: CodeBench) -> None:
    purpose = bench.purpose(hasty())
    for _ in range(3):
        code = await bench.issue(purpose)
        assert await bench.look(purpose, wrong(code.digits)) == WRONG
        bench.clock.advance(600)
    assert len((await bench.issue(purpose)).digits) == 10


async def test_a_budget_is_of_the_address_and_of_the_user(bench: CodeBench) -> None:
    purpose = bench.purpose(hasty())
    code = await bench.issue(purpose)
    await bench.looks(3, purpose, wrong(code.digits))
    of_user = bench.purpose(purpose.pool, email="elsewhere@example.com")
    of_address = bench.purpose(purpose.pool, subject="bob")
    neither = bench.purpose(purpose.pool, email="bob@example.com", subject="bob")
    lengths = [len((await bench.issue(p)).digits) for p in (of_user, of_address, neither)]
    assert lengths == [10, 10, 6]


async def test_many_failures_in_a_row_count_however_slowly_they_come(bench: CodeBench) -> None:
    purpose = bench.purpose(new_pool({"codeFailuresInARow": 3}))
    for _ in range(3):
        code = await bench.issue(purpose)
        assert await bench.look(purpose, wrong(code.digits)) == WRONG
        bench.clock.advance(3_601)
    assert len((await bench.issue(purpose)).digits) == 10


async def test_a_strict_pool_compares_nothing_and_mails_nothing(bench: CodeBench) -> None:
    purpose = bench.purpose(hasty(strictCodeBudget=True))
    code = await bench.issue(purpose)
    await bench.looks(3, purpose, wrong(code.digits))
    assert await bench.look(purpose, code.digits) == "TooManyRequests"
    with pytest.raises(TooManyRequests):
        await bench.issue(purpose)


# Mailed again


async def test_a_resend_is_the_same_code_for_ten_minutes_at_most(bench: CodeBench) -> None:
    purpose = bench.purpose()
    first = await bench.issue(purpose)
    bench.clock.advance(290)
    again = await bench.issue(purpose)
    assert again.digits == first.digits
    assert again.expires_at == first.expires_at + 290_000
    bench.clock.advance(100)
    last = await bench.issue(purpose)
    assert (last.digits, last.expires_at) == (first.digits, first.expires_at + 300_000)
    bench.clock.advance(31)
    assert (await bench.issue(purpose)).digits != first.digits


async def test_a_dead_code_is_not_mailed_again(bench: CodeBench) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    await bench.looks(5, purpose, wrong(code.digits))
    fresh = await bench.issue(purpose)
    assert fresh.digits != code.digits
    assert await bench.look(purpose, fresh.digits) == RIGHT


async def test_a_code_from_the_future_is_not_mailed_again(bench: CodeBench) -> None:
    purpose = bench.purpose()
    code = await bench.issue(purpose)
    bench.clock.advance(-3_600)
    assert (await bench.issue(purpose)).digits != code.digits


# One unit with what it permits


async def two_users(bench: CodeBench) -> tuple[UserPool, str, str]:
    made = await bench.database.unit(
        lambda tx: create_pool(tx, KEYS, secrets.token_bytes, "Test", PoolSettings())
    )
    ann, bob = [
        await create_user(bench.database, secrets.token_bytes, made.user_pool_id, username=name)
        for name in ("ann", "bob")
    ]
    pool = UserPool(made.user_pool_id, new_pool().settings_text)
    return pool, ann.user_id, bob.user_id


async def take(bench: CodeBench, purpose: Purpose, digits: str) -> None:
    """Spend a code for the address that it proves."""

    async def work(tx: Transaction) -> None:
        await codes.spend(tx, await codes.check(tx, bench.keys, purpose, digits, purpose.subject))
        await users.bind_email(tx, purpose.subject, purpose.email)

    await bench.database.unit(work)


async def test_an_address_has_one_owner_and_a_refusal_leaves_the_code_unspent(
    bench: CodeBench,
) -> None:
    pool, ann, bob = await two_users(bench)
    of_ann, of_bob = (bench.purpose(pool, subject=user) for user in (ann, bob))
    first, second = await bench.issue(of_ann), await bench.issue(of_bob)
    await take(bench, of_ann, first.digits)
    for _ in range(7):
        with pytest.raises(EmailTaken):
            await take(bench, of_bob, second.digits)
    assert await bench.look(of_bob, second.digits) == RIGHT
    owner = await users.find_by_email(bench.database.reader(), pool.id, address("ann@example.com"))
    assert owner is not None and owner.id == ann
