"""Counters with an end: so many in a window that begins with the first of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from gatepost.storage.database import CLOCKS_MAY_DIFFER, Database, Reader, Transaction
from gatepost.storage.statement import Statement, sql

MOST_AT_ONCE = 6


class Allowance(Struct, frozen=True):
    """At most `allowed` in `seconds` for whatever `id` names."""

    id: str
    allowed: int
    seconds: int


def _counting(rows: int) -> Statement:
    values = ", ".join(
        f"(:id_{n}, 1, :allowed_{n}, CAST(:now AS bigint) + CAST(:period_{n} AS bigint))"
        for n in range(rows)
    )
    # A row that ends much later than a new one would comes from a clock that has stepped back
    # since: it is counted once and brought into the present. One that ends a little later was
    # counted by a node whose clock is ahead, or by a unit that began later and was quicker.
    stepped_back = f"rate_limits.expires_at > excluded.expires_at + {CLOCKS_MAY_DIFFER}"
    return sql(
        f"INSERT INTO rate_limits (id, count, allowed, expires_at) VALUES {values}"
        " ON CONFLICT (id) DO UPDATE SET"
        " count = CASE WHEN rate_limits.expires_at <= :now THEN 1"
        " ELSE rate_limits.count + 1 END,"
        " allowed = excluded.allowed,"
        " expires_at = CASE WHEN rate_limits.expires_at <= :now"
        f" OR {stepped_back}"
        " THEN excluded.expires_at ELSE rate_limits.expires_at END"
        " WHERE rate_limits.expires_at <= :now OR rate_limits.count < excluded.allowed"
        f" OR {stepped_back}"
        " RETURNING id"
    )


_COUNT = {rows: _counting(rows) for rows in range(1, MOST_AT_ONCE + 1)}
_GIVE_BACK = sql("UPDATE rate_limits SET count = count - 1 WHERE id = :id AND count > 0")
_ENDS = sql("SELECT expires_at FROM rate_limits WHERE id = :id")


async def count(tx: Transaction, allowances: Sequence[Allowance]) -> set[str]:
    """Count once for each allowance that has room, in one statement; says which had none."""
    # In one order everywhere, so that two calls never wait for each other in a circle.
    ordered = sorted(allowances, key=lambda allowance: allowance.id)
    rows = await tx.all(_COUNT[len(ordered)], **_parameters(ordered, tx.now))
    return {allowance.id for allowance in ordered} - {row[0] for row in rows}


async def count_alone(database: Database, allowance: Allowance) -> bool:
    """Count once in a unit of its own; False where there was no room."""
    now = database.reader().now
    return len(await database.once(_COUNT[1], **_parameters([allowance], now))) == 1


def _parameters(allowances: Sequence[Allowance], now: int) -> dict[str, int | str]:
    parameters: dict[str, int | str] = {"now": now}
    for n, allowance in enumerate(allowances):
        parameters[f"id_{n}"] = allowance.id
        parameters[f"allowed_{n}"] = allowance.allowed
        parameters[f"period_{n}"] = allowance.seconds * 1000
    return parameters


async def give_back(tx: Transaction, ids: Iterable[str]) -> None:
    """Undo counts: what they were for did not happen."""
    for limit in sorted(ids):
        await tx.run(_GIVE_BACK, id=limit)


async def seconds_left(reader: Reader, ids: Iterable[str], at_least: int = 1) -> int:
    """How long until every one of these windows has ended, rounded up."""
    ends: list[int] = [row[0] for limit in ids if (row := await reader.one(_ENDS, id=limit))]
    return max((at_least, *(-(-(end - reader.now) // 1000) for end in ends)))
