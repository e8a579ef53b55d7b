"""Connections go from one turn to the next, and nobody's place is lost."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from gatepost.storage import connections
from gatepost.storage.connections import Turns
from gatepost.storage.workload import Workload
from gatepost.vocabulary.refusals import CodeIncorrect


class Connection:
    """One that may be closed, or in the middle of a transaction.

    Of one that ended by itself asyncpg's pool has taken hold again: then it answers nothing.
    """

    def __init__(self) -> None:
        self.closed = False
        self.ended = False
        self.in_transaction = False

    def is_closed(self) -> bool:
        if self.ended:
            raise asyncpg.InterfaceError("released back to the pool")
        return self.closed

    def is_in_transaction(self) -> bool:
        return self.in_transaction


class Pool:
    """A pool that counts; `is_down` says whether it can connect."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.out: set[Connection] = set()
        self.acquired = 0
        self.released: list[Connection] = []
        self.has_one_back = asyncio.Event()
        self.is_down = False

    def get_max_size(self) -> int:
        return self.most

    def get_size(self) -> int:
        return len(self.out)

    def get_idle_size(self) -> int:
        return 0

    async def acquire(self) -> Connection:
        await asyncio.sleep(0)
        if self.is_down:
            raise OSError("nobody answers there")
        assert len(self.out) < self.most, "asyncpg's pool would wait, and nobody would come"
        self.acquired += 1
        connection = Connection()
        self.out.add(connection)
        return connection

    async def release(self, connection: Connection) -> None:
        await asyncio.sleep(0)
        self.out.discard(connection)
        self.released.append(connection)
        self.has_one_back.set()


@pytest.fixture
def pool() -> Pool:
    return Pool(2)


@pytest.fixture
def turns(pool: Pool) -> Turns:
    return Turns(pool, Workload())  # type: ignore[arg-type]  # all that is asked of one


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_clean_connection_rests_and_is_taken_again(turns: Turns, pool: Pool) -> None:
    async with turns.turn() as first:
        pass
    async with turns.turn() as second:
        assert second is first
    with pytest.raises(CodeIncorrect):
        async with turns.turn():
            raise CodeIncorrect  # a refusal has undone what it had to
    async with turns.turn() as third:
        assert third is first
    assert (pool.acquired, pool.released) == (1, [])
    assert (turns.now().in_use, turns.now().idle, turns.now().waiting) == (0, 1, 0)


async def fails(connection: Connection) -> None:
    raise OSError


async def cancels(connection: Connection) -> None:
    raise asyncio.CancelledError


async def leaves_a_transaction(connection: Connection) -> None:
    connection.in_transaction = True


async def closes(connection: Connection) -> None:
    connection.closed = True


async def ends(connection: Connection) -> None:
    connection.ended = True


@pytest.mark.parametrize("deed", [fails, cancels, leaves_a_transaction, closes, ends])
async def test_the_pool_gets_back_what_may_be_unclean(
    turns: Turns, pool: Pool, deed: Callable[[Connection], Awaitable[None]]
) -> None:
    with_it: list[Any] = []
    try:
        async with turns.turn() as connection:
            with_it.append(connection)
            await deed(connection)
    except (OSError, asyncio.CancelledError):
        pass
    assert pool.released == with_it
    async with turns.turn() as another:
        assert another not in with_it


@pytest.mark.parametrize("deed", [closes, ends])
async def test_those_that_ended_while_they_rested_are_replaced(
    turns: Turns, pool: Pool, deed: Callable[[Connection], Awaitable[None]]
) -> None:
    for _ in range(3):
        async with asyncio.timeout(10), turns.turn() as first, turns.turn() as second:
            pass
        await deed(first)
        await deed(second)
    async with asyncio.timeout(10), turns.turn() as another:
        assert another not in (first, second)
    assert len(pool.released) == 6


async def test_what_nobody_wants_for_long_goes_back_to_the_pool(
    turns: Turns, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REST_SECONDS", 0.01)
    async with turns.turn(), turns.turn():
        pass
    async with asyncio.timeout(10):
        while pool.out:
            await pool.has_one_back.wait()
            pool.has_one_back.clear()
        async with turns.turn(), turns.turn():  # their places are free
            pass


async def test_at_the_end_none_rests_any_more(turns: Turns, pool: Pool) -> None:
    connection = await turns.take()
    await turns.close()
    await turns.give_back(connection, is_clean=True)
    assert not pool.out


async def test_first_come_first_served_and_never_more_than_the_most(
    turns: Turns, pool: Pool
) -> None:
    order: list[int] = []

    async def ask(number: int) -> None:
        async with turns.turn():
            order.append(number)
            await asyncio.sleep(0)

    async with asyncio.timeout(10):
        await asyncio.gather(*(ask(number) for number in range(50)))
    assert order == [*range(50)]
    assert pool.acquired == 2


async def test_who_waits_takes_the_place_of_one_that_was_given_up(turns: Turns, pool: Pool) -> None:
    async def breaks() -> None:
        async with turns.turn():
            await asyncio.sleep(0)
            raise OSError("broken")

    async with asyncio.timeout(10):
        told = await asyncio.gather(*(breaks() for _ in range(30)), return_exceptions=True)
    assert [str(each) for each in told] == ["broken"] * 30
    assert pool.acquired == 30
    assert not pool.out
    async with asyncio.timeout(10), turns.turn(), turns.turn():
        pass  # both places are there again


@pytest.mark.parametrize("given", ["a connection", "a place", "nothing"])
async def test_who_goes_away_while_waiting_loses_nobody_a_place(
    turns: Turns, pool: Pool, given: str
) -> None:
    held = deque([await turns.take(), await turns.take()])
    gone, stays = (asyncio.create_task(turns.take()) for _ in range(2))
    await settled()
    assert turns.now().waiting == 2
    if given == "a connection":
        await turns.give_back(held.popleft(), is_clean=True)
    elif given == "a place":
        await turns.give_back(held.popleft(), is_clean=False)
    gone.cancel()  # in the same moment
    await settled()
    if given == "nothing":
        await turns.give_back(held.popleft(), is_clean=True)
    async with asyncio.timeout(10):
        held.append(await stays)
        with pytest.raises(asyncio.CancelledError):
            await gone
        while held:
            await turns.give_back(held.popleft(), is_clean=True)
        both = [await turns.take(), await turns.take()]
    assert len(set(both)) == 2
    assert turns.now().waiting == 0


async def test_a_pool_that_cannot_connect_loses_no_place(turns: Turns, pool: Pool) -> None:
    pool.is_down = True
    for _ in range(5):
        with pytest.raises(OSError, match="nobody"):
            await turns.take()
    pool.is_down = False
    async with asyncio.timeout(10), turns.turn(), turns.turn():
        pass


async def test_waiting_has_an_end(turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "ACQUIRE_SECONDS", 0.01)
    held = [await turns.take(), await turns.take()]
    with pytest.raises(TimeoutError):
        await turns.take()
    for connection in held:
        await turns.give_back(connection, is_clean=True)
    assert await turns.take() in held


async def test_now_and_then_the_pool_looks_after_one(
    turns: Turns, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "TURNS_TO_CARE", 10)
    for _ in range(100):
        async with turns.turn():
            pass
    assert len(pool.released) == 10


async def test_at_the_end_the_pool_has_them_all(turns: Turns, pool: Pool) -> None:
    async with turns.turn(), turns.turn():
        pass
    await turns.close()
    assert not pool.out
