"""Addresses whose owner wants no codes that a stranger asks for, for a while."""

from __future__ import annotations

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.statement import sql

_PUT = sql(
    "INSERT INTO mail_stops (user_pool_id, email, expires_at)"
    " VALUES (:pool_id, :email, :expires_at)"
    " ON CONFLICT (user_pool_id, email) DO UPDATE SET expires_at = excluded.expires_at"
)
_STANDS = sql(
    "SELECT 1 FROM mail_stops WHERE user_pool_id = :pool_id AND email = :email"
    " AND expires_at > :now"
)
_LIFT = sql("DELETE FROM mail_stops WHERE user_pool_id = :pool_id AND email = :email")


async def put(tx: Transaction, pool_id: str, email: str, expires_at: int) -> None:
    """Stop such mail to an address until an instant."""
    await tx.run(_PUT, pool_id=pool_id, email=email, expires_at=expires_at)


async def stands(reader: Reader, pool_id: str, email: str) -> bool:
    """Whether such mail is stopped now."""
    return await reader.one(_STANDS, pool_id=pool_id, email=email, now=reader.now) is not None


async def lift(tx: Transaction, pool_id: str, email: str) -> None:
    """Let such mail through again."""
    await tx.run(_LIFT, pool_id=pool_id, email=email)
