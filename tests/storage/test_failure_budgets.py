"""Wrong answers to codes: how many are borne in an hour and in a row."""

from __future__ import annotations

from gatepost.storage import failure_budgets
from gatepost.storage.database import Database, Transaction
from gatepost.storage.failure_budgets import Budget
from tests.support.world import StoppedClock

BUDGET = Budget("address pool channel ann@example.com", 3, 5, 86_400)


async def count(tx: Transaction, budget: Budget) -> bool:
    """Count a failure; says whether the budget was used up before it."""
    look = failure_budgets.counting([budget], tx.now)
    return look.any_over(await tx.all(look.statement, **look.parameters))


async def look(database: Database, *, right: bool = False, budget: Budget = BUDGET) -> bool:
    """One look at a code; says whether the budget was used up before it."""

    async def work(tx: Transaction) -> bool:
        over = await count(tx, budget)
        await (failure_budgets.give_back if right else failure_budgets.failed)(tx, [budget])
        return over

    return await database.unit(work)


async def is_over(database: Database, budget: Budget = BUDGET) -> bool:
    return await failure_budgets.are_over(database.reader(), [budget])


async def test_the_last_failure_that_is_borne_uses_the_budget_up(database: Database) -> None:
    assert not await is_over(database)
    for _ in range(2):
        assert not await look(database)
    for _ in range(9):
        assert not await look(database, right=True)
    assert not await is_over(database)
    assert not await look(database)
    assert await is_over(database)
    assert await look(database) and await look(database, right=True)
    assert not await is_over(database, Budget("another", 3, 5, 86_400))


async def test_an_hour_later_three_more_are_borne_but_not_more_than_five_in_a_row(
    database: Database, stopped: StoppedClock
) -> None:
    for _ in range(2):
        await look(database)
    stopped.advance(3600)
    for _ in range(2):
        assert not await look(database)
    assert not await is_over(database)
    stopped.advance(3600)
    assert not await look(database)
    assert await is_over(database)


async def test_it_cools_down_a_day_after_it_was_used_up(
    database: Database, stopped: StoppedClock
) -> None:
    for _ in range(3):
        await look(database)
    stopped.advance(86_399)
    assert await is_over(database)
    stopped.advance(1)
    assert not await is_over(database)
    for _ in range(2):
        assert not await look(database)
    assert not await is_over(database)


async def test_a_proof_forgets_everything(database: Database) -> None:
    for _ in range(3):
        await look(database)
    await database.unit(lambda tx: failure_budgets.reset(tx, [BUDGET]))
    assert not await is_over(database)
    assert not await look(database)


async def test_one_that_was_counted_and_never_judged_is_held_against_who_comes_next(
    database: Database,
) -> None:
    for _ in range(3):
        assert not await database.unit(lambda tx: count(tx, BUDGET))
    assert await look(database, right=True)


async def test_a_clock_that_steps_back_leaves_no_budget_used_up_for_longer(
    database: Database, stopped: StoppedClock
) -> None:
    for _ in range(3):
        await look(database)
    stopped.advance(-60)
    assert await is_over(database) and await look(database, right=True)
    stopped.advance(-30 * 86_400)
    assert not await is_over(database)
    assert not await look(database)
    assert not await is_over(database)
    assert not await look(database)
    assert await is_over(database)  # the fifth in a row
