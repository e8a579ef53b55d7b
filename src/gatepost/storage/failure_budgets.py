"""How often codes were answered wrongly, per address and per user: a resend resets nothing."""

from __future__ import annotations

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.statement import sql

HOUR = 3_600_000

_HOUR_IS_OVER = "failure_budgets.hour_started_at + 3600000 <= :now"
_COOLED = "failure_budgets.last_failed_at + CAST(:cool_down AS bigint) <= :now"
_HOUR_FAILURES = f"CASE WHEN {_HOUR_IS_OVER} THEN 1 ELSE failure_budgets.hour_failures + 1 END"
_IN_A_ROW = f"CASE WHEN {_COOLED} THEN 1 ELSE failure_budgets.in_a_row + 1 END"

_COUNT = sql(
    "INSERT INTO failure_budgets"
    " (id, hour_started_at, hour_failures, in_a_row, over_until, last_failed_at)"
    " VALUES (:id, :now, 1, 1, 0, :now)"
    " ON CONFLICT (id) DO UPDATE SET"
    f" hour_started_at = CASE WHEN {_HOUR_IS_OVER} THEN excluded.hour_started_at"
    " ELSE failure_budgets.hour_started_at END,"
    f" hour_failures = {_HOUR_FAILURES},"
    f" in_a_row = {_IN_A_ROW},"
    f" over_until = CASE WHEN {_HOUR_FAILURES} > CAST(:per_hour AS bigint)"
    f" OR {_IN_A_ROW} > CAST(:most_in_a_row AS bigint)"
    " THEN :now + CAST(:cool_down AS bigint) ELSE failure_budgets.over_until END,"
    " last_failed_at = excluded.last_failed_at"
    " RETURNING over_until"
)
_GIVE_BACK = sql(
    "UPDATE failure_budgets SET hour_failures = hour_failures - 1, in_a_row = in_a_row - 1"
    " WHERE id = :id AND hour_failures > 0 AND in_a_row > 0"
)
_RESET = sql("DELETE FROM failure_budgets WHERE id = :id")
_OVER = sql("SELECT 1 FROM failure_budgets WHERE id = :id AND over_until > :now")


async def count(
    tx: Transaction,
    budget: str,
    *,
    per_hour: int,
    in_a_row: int,
    cool_down_seconds: int,
) -> bool:
    """Count a failure before it is known to be one; says whether the budget is now exceeded."""
    row = await tx.one(
        _COUNT,
        id=budget,
        now=tx.now,
        per_hour=per_hour,
        most_in_a_row=in_a_row,
        cool_down=cool_down_seconds * 1000,
    )
    return row is not None and row[0] > tx.now


async def give_back(tx: Transaction, budget: str) -> None:
    """Undo one count: it was no failure."""
    await tx.run(_GIVE_BACK, id=budget)


async def reset(tx: Transaction, budget: str) -> None:
    """Forget every failure: a proof succeeded."""
    await tx.run(_RESET, id=budget)


async def is_over(reader: Reader, budget: str) -> bool:
    """Whether a budget is exceeded and has not cooled down."""
    return await reader.one(_OVER, id=budget, now=reader.now) is not None
