"""Wrong passwords, per typed account and client address: after some, each costs more waiting."""

from __future__ import annotations

from gatepost.storage.database import Database, Reader, Transaction
from gatepost.storage.statement import sql

LONGEST_DELAY_SHIFT = 10
"""The delay doubles from one second up to 2 ** 10 seconds."""

FORGOTTEN_AFTER = 3_600_000
"""Milliseconds after the last delay's end until the count begins anew."""

_FRESH = (
    "(password_attempts.failures < CAST(:allowed AS bigint)"
    " AND password_attempts.started_at + CAST(:period AS bigint) <= :now)"
    f" OR password_attempts.next_at + {FORGOTTEN_AFTER} <= :now"
)
_OVER = "password_attempts.failures + 1 - CAST(:allowed AS bigint)"
_DELAY = (
    f"CASE WHEN {_OVER} < 0 THEN 0"
    f" WHEN {_OVER} > {LONGEST_DELAY_SHIFT} THEN {1000 << LONGEST_DELAY_SHIFT}"
    f" ELSE (1000 << CAST({_OVER} AS integer)) END"
)
_COUNT = sql(
    "INSERT INTO password_attempts (id, started_at, failures, next_at)"
    " VALUES (:id, :now, 1, CAST(:now AS bigint)"
    " + CASE WHEN CAST(:allowed AS bigint) = 1 THEN 1000 ELSE 0 END)"
    " ON CONFLICT (id) DO UPDATE SET"
    f" started_at = CASE WHEN {_FRESH} THEN excluded.started_at"
    " ELSE password_attempts.started_at END,"
    f" failures = CASE WHEN {_FRESH} THEN 1 ELSE password_attempts.failures + 1 END,"
    f" next_at = CASE WHEN {_FRESH} THEN excluded.next_at ELSE :now + {_DELAY} END"
    # Without a delay the clocks of two that count at once do not matter.
    " WHERE password_attempts.failures < CAST(:allowed AS bigint)"
    " OR password_attempts.next_at <= :now"
    f" OR password_attempts.next_at > :now + {1000 << LONGEST_DELAY_SHIFT}"
    " RETURNING failures"
)
_NEXT = sql("SELECT next_at FROM password_attempts WHERE id = :id")
_FORGET = sql("DELETE FROM password_attempts WHERE id = :id")


async def count(database: Database, attempt: str, *, allowed: int, window_seconds: int) -> bool:
    """Count an attempt before it is made; False while the delay after the last one runs."""
    now = database.reader().now
    rows = await database.once(
        _COUNT, id=attempt, now=now, allowed=allowed, period=window_seconds * 1000
    )
    return len(rows) == 1


async def seconds_left(reader: Reader, attempt: str) -> int:
    """How long until the next attempt is looked at, rounded up."""
    row = await reader.one(_NEXT, id=attempt)
    return max(1, -(-(row[0] - reader.now) // 1000)) if row else 1


async def forget(tx: Transaction, attempt: str) -> None:
    """Forget the failures: the password was right."""
    tx.later(_FORGET, id=attempt)
