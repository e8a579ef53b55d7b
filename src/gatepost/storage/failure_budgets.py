"""How often codes were answered wrongly, per address and per user: a resend resets nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from gatepost.storage.database import Reader, Row, Transaction
from gatepost.storage.statement import Statement, sql

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


def _counting(budgets: int) -> Statement:
    rows = ", ".join(f"(:id_{number}, :now, 1, 1, 0, :now)" for number in range(budgets))
    return sql(
        "INSERT INTO failure_budgets"
        " (id, hour_started_at, hour_failures, in_a_row, over_until, last_failed_at)"
        f" VALUES {rows}"
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


_COUNT = {budgets: _counting(budgets) for budgets in (1, 2)}
_USE_UP = sql(
    "UPDATE failure_budgets SET over_until = CAST(:now AS bigint) + CAST(:cool_down AS bigint)"
    " WHERE id IN (:first, :last) AND (hour_failures >= :per_hour OR in_a_row >= :in_a_row)"
)
_GIVE_BACK = sql(
    "UPDATE failure_budgets SET hour_failures = hour_failures - 1, in_a_row = in_a_row - 1"
    " WHERE id IN (:first, :last) AND hour_failures > 0 AND in_a_row > 0"
)
_RESET = sql("DELETE FROM failure_budgets WHERE id IN (:first, :last)")
_OVER_UNTIL = sql("SELECT over_until FROM failure_budgets WHERE id IN (:first, :last)")


class Look(Struct, frozen=True):
    """A statement about one or two budgets of the same figures, and how to read what it gives.

    It goes to the database together with the one about the codes that they are for.
    """

    statement: Statement
    parameters: dict[str, Any]
    figures: Budget
    now: int

    def any_over(self, rows: Sequence[Row]) -> bool:
        """Whether any budget is used up, by what the statement gave; a failure that it counted
        does not matter yet."""
        return any(self._is_over(*row) for row in rows)

    def _is_over(self, over_until: int, hour_failures: int = 0, in_a_row: int = 0) -> bool:
        figures = self.figures
        used_up = hour_failures > figures.per_hour or in_a_row > figures.in_a_row
        return used_up or _is_running(over_until, self.now, figures)


def counting(budgets: Sequence[Budget], now: int) -> Look:
    """Count a failure before it is known to be one, or whether there is a code at all.

    Budgets are always named in the same order: who counts at the same time must not wait for
    each other in a ring.
    """
    figures = budgets[0]
    parameters: dict[str, Any] = {f"id_{number}": each.id for number, each in enumerate(budgets)}
    parameters |= {"now": now, "cool_down": figures.cool_down_seconds * 1000}
    return Look(_COUNT[len(budgets)], parameters, figures, now)


def looking(budgets: Sequence[Budget], now: int) -> Look:
    """Count nothing."""
    return Look(_OVER_UNTIL, _ids(budgets), budgets[0], now)


async def failed(tx: Transaction, budgets: Sequence[Budget]) -> None:
    """The failure just counted was one. The last that is borne begins the time to cool down."""
    figures = budgets[0]
    await tx.run(
        _USE_UP,
        **_ids(budgets),
        now=tx.now,
        cool_down=figures.cool_down_seconds * 1000,
        per_hour=figures.per_hour,
        in_a_row=figures.in_a_row,
    )


async def give_back(tx: Transaction, budgets: Sequence[Budget]) -> None:
    """Undo one count: it was no failure."""
    await tx.run(_GIVE_BACK, **_ids(budgets))


async def reset(tx: Transaction, budgets: Sequence[Budget]) -> None:
    """Forget every failure: a proof succeeded."""
    tx.later(_RESET, **_ids(budgets))


async def are_over(reader: Reader, budgets: Sequence[Budget]) -> bool:
    """Whether any of one or two budgets is used up and has not cooled down."""
    look = looking(budgets, reader.now)
    return look.any_over(await reader.all(look.statement, **look.parameters))


def _ids(budgets: Sequence[Budget]) -> dict[str, str]:
    return {"first": budgets[0].id, "last": budgets[-1].id}


def _is_running(over_until: int, now: int, budget: Budget) -> bool:
    # An end more than twice as far ahead as it can be was set by a clock that has stepped back.
    return now < over_until <= now + 2 * budget.cool_down_seconds * 1000
