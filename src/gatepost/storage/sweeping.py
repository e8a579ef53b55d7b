"""Remove what has had its time, in steps too small to hold anybody up."""

from __future__ import annotations

from gatepost.storage.database import Transaction
from gatepost.storage.statement import Statement, sql

DAY = 86_400_000


def _sweep(table: str, key: str, condition: str) -> Statement:
    matching = f"SELECT {key} FROM {table} WHERE {condition} LIMIT :most"
    return sql(f"DELETE FROM {table} WHERE {key} IN ({matching}) AND {condition}")


SWEEPS: dict[str, tuple[Statement, int]] = {
    "verification_codes": (
        _sweep("verification_codes", "id", "expires_at < :before"),
        DAY,
    ),
    "verification_tries": (
        _sweep("verification_tries", "nonce", "expires_at < :before"),
        0,
    ),
    "failure_budgets": (
        _sweep("failure_budgets", "id", "last_failed_at < :before"),
        31 * DAY,  # more than the longest time to cool down
    ),
    "rate_limits": (_sweep("rate_limits", "id", "expires_at < :before"), 0),
    "password_attempts": (_sweep("password_attempts", "id", "next_at < :before"), DAY),
    "outbox": (
        _sweep("outbox", "id", "state <> 'queued' AND ended_at < :before"),
        7 * DAY,
    ),
    "dev_mailbox": (_sweep("dev_mailbox", "id", "sent_at < :before"), 7 * DAY),
    "refresh_tokens": (_sweep("refresh_tokens", "digest", "expires_at < :before"), 0),
    "authorization_codes": (
        _sweep("authorization_codes", "digest", "expires_at < :before"),
        DAY,
    ),
    "step_tokens": (_sweep("step_tokens", "digest", "expires_at < :before"), 0),
    "links": (_sweep("links", "digest", "expires_at < :before"), DAY),
    "mail_stops": (_sweep("mail_stops", "email", "expires_at < :before"), 0),
    "sessions": (_sweep("sessions", "id", "expires_at < :before"), 90 * DAY),
}
"""For each table: what to remove, and how long (milliseconds) after its end."""


async def sweep(tx: Transaction, table: str, most: int) -> int:
    """Remove up to `most` rows of a table; says how many there were."""
    statement, kept_for = SWEEPS[table]
    return await tx.run(statement, before=tx.now - kept_for, most=most)
