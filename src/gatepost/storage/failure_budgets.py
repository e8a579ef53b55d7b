"""How often codes were answered wrongly, per address and per user: a resend resets nothing."""

from __future__ import annotations

from msgspec import Struct

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.statement import sql

HOUR = 3_600_000


class Budget(Struct, frozen=True):
    """How many wrong answers are borne for whatever `id` names, in an hour and in a row."""

    id: str
    per_hour: int
    in_a_row: int
    cool_down_seconds: int


# An hour that begins more than an hour from now comes from a clock that has stepped back since.
_HOUR_IS_OVER = (
    f"(failure_budgets.hour_started_at + {HOUR} <= :now"
    f" OR failure_budgets.hour_started_at > CAST(:now AS bigint) + {HOUR})"
)
_COOLED = (
    "(failure_budgets.last_failed_at + CAST(:cool_down AS bigint) <= :now"
    " OR (failure_budgets.over_until > 0 AND failure_budgets.over_until <= :now))"
)
_COUNT = sql(
    "INSERT INTO failure_budgets"
    " (id, hour_started_at, hour_failures, in_a_row, over_until, last_failed_at)"
    " VALUES (:id, :now, 1, 1, 0, :now)"
    " ON CONFLICT (id) DO UPDATE SET"
    f" hour_started_at = CASE WHEN {_HOUR_IS_OVER} THEN excluded.hour_started_at"
    " ELSE failure_budgets.hour_started_at END,"
    f" hour_failures = CASE WHEN {_HOUR_IS_OVER} OR {_COOLED} THEN 1"
    " ELSE failure_budgets.hour_failures + 1 END,"
    f" in_a_row = CASE WHEN {_COOLED} THEN 1 ELSE failure_budgets.in_a_row + 1 END,"
    f" over_until = CASE WHEN {_COOLED} THEN 0 ELSE failure_budgets.over_until END,"
    " last_failed_at = excluded.last_failed_at"
    " RETURNING over_until, hour_failures, in_a_row"
)
_USE_UP = sql(
    "UPDATE failure_budgets SET over_until = CAST(:now AS bigint) + CAST(:cool_down AS bigint)"
    " WHERE id = :id AND (hour_failures >= :per_hour OR in_a_row >= :in_a_row)"
)
_GIVE_BACK = sql(
    "UPDATE failure_budgets SET hour_failures = hour_failures - 1, in_a_row = in_a_row - 1"
    " WHERE id = :id AND hour_failures > 0 AND in_a_row > 0"
)
_RESET = sql("DELETE FROM failure_budgets WHERE id = :id")
_OVER_UNTIL = sql("SELECT over_until FROM failure_budgets WHERE id = :id")


async def count(tx: Transaction, budget: Budget) -> bool:
    """Count a failure before it is known to be one; says whether the budget was used up before."""
    row = await tx.one(_COUNT, id=budget.id, now=tx.now, cool_down=budget.cool_down_seconds * 1000)
    if row is None:
        return False
    over_until, hour_failures, in_a_row = row
    beyond = hour_failures > budget.per_hour or in_a_row > budget.in_a_row
    return beyond or _is_running(over_until, tx.now, budget)


async def failed(tx: Transaction, budget: Budget) -> None:
    """The failure just counted was one. The last that is borne begins the time to cool down."""
    await tx.run(
        _USE_UP,
        id=budget.id,
        now=tx.now,
        cool_down=budget.cool_down_seconds * 1000,
        per_hour=budget.per_hour,
        in_a_row=budget.in_a_row,
    )


async def give_back(tx: Transaction, budget: Budget) -> None:
    """Undo one count: it was no failure."""
    await tx.run(_GIVE_BACK, id=budget.id)


async def reset(tx: Transaction, budget: Budget) -> None:
    """Forget every failure: a proof succeeded."""
    await tx.run(_RESET, id=budget.id)


async def is_over(reader: Reader, budget: Budget) -> bool:
    """Whether a budget is used up and has not cooled down."""
    row = await reader.one(_OVER_UNTIL, id=budget.id)
    return row is not None and _is_running(row[0], reader.now, budget)


def _is_running(over_until: int, now: int, budget: Budget) -> bool:
    # An end more than twice as far ahead as it can be was set by a clock that has stepped back.
    return now < over_until <= now + 2 * budget.cool_down_seconds * 1000
