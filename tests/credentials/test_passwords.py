"""Passwords: Ann signs in, Mallory guesses, and too many come at once."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, get_native_id

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from gatepost import deadline
from gatepost.credentials.passwords import (
    LATER_THAN_OTHERS,
    MAX_OCTETS,
    Checked,
    Passwords,
    normalised,
    problem_with,
)
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import InvalidRequest, Overloaded

RIGHT = Checked(ok=True, needs_rehash=False)
WRONG = Checked(ok=False, needs_rehash=False)
PATIENCE_SECONDS = 10


@contextmanager
def passwords(threads: int = 1, waiting: int = 8) -> Iterator[Passwords]:
    made = Passwords(secrets.token_bytes, threads, waiting)
    try:
        yield made
    finally:
        made.close()


def test_ann_signs_in_with_her_password_and_with_no_other() -> None:
    async def story() -> None:
        with passwords() as keeper:
            stored = await keeper.hash("correct horse")
            assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
            assert stored != await keeper.hash("correct horse")
            assert await keeper.check("correct horse", stored) == RIGHT
            assert await keeper.check("correct horse ", stored) == WRONG
            assert await keeper.check("", stored) == WRONG

    asyncio.run(story())


def test_the_same_password_typed_on_another_keyboard_is_right() -> None:
    async def story() -> None:
        with passwords() as keeper:
            stored = await keeper.hash("pa\u0308ss wo\u0308rd")
            assert await keeper.check("p\u00e4ss\u3000w\u00f6rd", stored) == RIGHT
            assert await keeper.check("pass word", stored) == WRONG

    asyncio.run(story())


def test_a_hash_of_an_earlier_cost_is_right_and_wants_a_new_one() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse")

    async def story() -> None:
        with passwords() as keeper:
            assert await keeper.check("correct horse", cheap) == Checked(True, True)
            assert await keeper.check("wrong horse", cheap) == WRONG

    asyncio.run(story())


class Counting(Passwords):
    """Counts how often argon2 worked."""

    worked = 0

    def _verified(self, encoded: str, octets: bytes) -> bool | None:
        outcome = super()._verified(encoded, octets)
        self.worked += outcome is not None
        return outcome


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=19456", "$2b$10$abc"])
def test_no_usable_hash_costs_the_same_work_and_is_wrong(stored: str | None) -> None:
    async def story() -> None:
        keeper = Counting(secrets.token_bytes, 1)
        try:
            assert await keeper.check("anything", stored) == WRONG
            assert keeper.worked == 1
        finally:
            keeper.close()

    asyncio.run(story())


def test_a_password_that_did_not_decrypt_costs_the_same_work_and_is_wrong() -> None:
    async def story() -> None:
        keeper = Counting(secrets.token_bytes, 1)
        try:
            empty = await keeper.hash("")
            assert await keeper.check(None, empty) == WRONG
            assert keeper.worked == 1
        finally:
            keeper.close()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("unusable", "problem"),
    [
        ("x" * (MAX_OCTETS + 1), Problem.TOO_LONG),
        ("é" * (MAX_OCTETS // 2 + 1), Problem.TOO_LONG),
        ("\ud800", Problem.NOT_UTF8),
    ],
)
def test_what_cannot_be_a_password_is_refused_without_work(unusable: str, problem: Problem) -> None:
    async def story() -> None:
        keeper = Counting(secrets.token_bytes, 1)
        try:
            with pytest.raises(InvalidRequest) as refusal:
                await keeper.hash(unusable, "newPassword")
            assert refusal.value.words == {"field": "newPassword", "problem": problem}
            assert await keeper.check(unusable, None) == WRONG
            assert keeper.worked == 0
        finally:
            keeper.close()

    asyncio.run(story())


def test_the_longest_password_is_taken() -> None:
    assert problem_with("x" * MAX_OCTETS) is None
    assert problem_with("é" * (MAX_OCTETS // 2)) is None


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(password: str) -> None:
    once = normalised(password)
    assert normalised(once.decode()) == once


class Gate:
    """Work that lasts until it is let go."""

    def __init__(self) -> None:
        self.entered, self.opened = Event(), Event()

    def work(self) -> str:
        self.entered.set()
        assert self.opened.wait(PATIENCE_SECONDS)
        return "done"

    async def begin(self, keeper: Passwords) -> asyncio.Task[str]:
        task = asyncio.create_task(keeper.run(self.work))
        assert await asyncio.to_thread(self.entered.wait, PATIENCE_SECONDS)
        return task


def test_who_finds_the_queue_full_is_asked_to_come_later() -> None:
    async def story() -> None:
        with passwords(threads=1, waiting=1) as keeper:
            gate = Gate()
            ann = await gate.begin(keeper)
            bob = asyncio.create_task(keeper.run(str, 2))
            await asyncio.sleep(0)
            with pytest.raises(Overloaded) as refusal:
                await keeper.check("x", None)
            assert refusal.value.data == {"retryAfter": 2}
            gate.opened.set()
            assert await ann == "done"
            assert await bob == "2"
            assert await keeper.check("x", None) == WRONG

    asyncio.run(story())


def test_who_leaves_the_queue_gives_the_place_to_the_next() -> None:
    async def story() -> None:
        with passwords(threads=1, waiting=1) as keeper:
            gate = Gate()
            ann = await gate.begin(keeper)
            done: list[str] = []
            for _ in range(20):
                bob = asyncio.create_task(keeper.run(done.append, "bob"))
                await asyncio.sleep(0)
                bob.cancel()
                await asyncio.gather(bob, return_exceptions=True)
            carol = asyncio.create_task(keeper.run(done.append, "carol"))
            await asyncio.sleep(0)
            gate.opened.set()
            await asyncio.gather(ann, carol)
            assert done == ["carol"]

    asyncio.run(story())


def test_who_leaves_in_the_middle_keeps_the_thread_until_it_is_free() -> None:
    async def story() -> None:
        with passwords(threads=1, waiting=0) as keeper:
            gate = Gate()
            ann = await gate.begin(keeper)
            ann.cancel()
            await asyncio.gather(ann, return_exceptions=True)
            with pytest.raises(Overloaded):
                await keeper.run(str, 1)
            gate.opened.set()
            async with asyncio.timeout(PATIENCE_SECONDS):
                assert await _as_soon_as_free(keeper) == "1"

    asyncio.run(story())


async def _as_soon_as_free(keeper: Passwords) -> str:
    while True:
        try:
            return await keeper.run(str, 1)
        except Overloaded:
            await asyncio.sleep(0)


def test_failing_work_tells_its_caller_and_leaks_no_place() -> None:
    async def story() -> None:
        with passwords(threads=1, waiting=0) as keeper:
            for _ in range(3):
                with pytest.raises(ValueError, match="invalid literal"):
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        await _failing(keeper)

    asyncio.run(story())


async def _failing(keeper: Passwords) -> None:
    while True:
        try:
            await keeper.run(int, "x")
        except Overloaded:
            await asyncio.sleep(0)


def test_after_the_end_nothing_is_taken_and_no_place_is_lost() -> None:
    async def story() -> None:
        with passwords(threads=1, waiting=0) as keeper:
            keeper.close()
            for _ in range(3):
                with pytest.raises(RuntimeError):
                    await keeper.run(str, 1)

    asyncio.run(story())


def test_whose_request_takes_too_long_is_turned_away_instead_of_worked_for() -> None:
    async def story() -> None:
        with passwords() as keeper, deadline.scope():
            worked = Event()
            deadline.begin(0)
            with pytest.raises(Overloaded):
                await keeper.run(worked.set)
            assert not worked.is_set()

    asyncio.run(story())


def test_who_has_waited_for_too_long_is_turned_away_instead_of_worked_for() -> None:
    async def story() -> None:
        passwords = Passwords(secrets.token_bytes, 1, longest_wait_seconds=0)
        gate, worked = Event(), Event()
        first = asyncio.create_task(passwords.run(gate.wait))
        await asyncio.sleep(0)
        second = asyncio.create_task(passwords.run(worked.set))
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(first, second, return_exceptions=True)
        assert isinstance(second.exception(), Overloaded) and not worked.is_set()
        assert passwords.waiting == passwords.running == 0
        passwords.close()

    asyncio.run(story())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no niceness of its own")
async def test_heavy_work_steps_back_behind_the_loop() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, get_native_id())

    before = niceness()
    with passwords() as keeper:
        assert await keeper.run(niceness) == min(19, before + LATER_THAN_OTHERS)
    assert niceness() == before
