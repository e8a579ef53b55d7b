"""Sessions: every signed-in call looks here whether its session is alive."""

from __future__ import annotations

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.statement import sql
from gatepost.vocabulary.session import SignedIn

_FIND = sql(
    "SELECT s.id, s.user_id, s.user_pool_id, s.app_id, a.name, s.scope, s.authenticated_at,"
    " s.expires_at, s.ended_at, u.status, u.email, u.language, p.settings"
    " FROM sessions s"
    " JOIN users u ON u.id = s.user_id"
    " JOIN applications a ON a.id = s.app_id"
    " JOIN user_pools p ON p.id = s.user_pool_id"
    " WHERE s.id = :id"
)
_ADD = sql(
    "INSERT INTO sessions (id, user_pool_id, app_id, user_id, method, scope,"
    " authenticated_at, expires_at, client_address, user_agent)"
    " VALUES (:id, :user_pool_id, :app_id, :user_id, :method, :scope,"
    " :now, :expires_at, :client_address, :user_agent)"
)
_END_ALL = sql("UPDATE sessions SET ended_at = :now WHERE user_id = :user_id AND ended_at IS NULL")


async def find(reader: Reader, session_id: str) -> SignedIn | None:
    """A session with its user, app and pool, alive or not."""
    row = await reader.one(_FIND, id=session_id)
    return SignedIn(*row) if row else None


async def add(
    tx: Transaction,
    session_id: str,
    *,
    user_pool_id: str,
    app_id: str,
    user_id: str,
    method: str,
    scope: str,
    expires_at: int,
    client_address: str | None,
    user_agent: str | None,
) -> None:
    """Begin a session."""
    await tx.run(
        _ADD,
        id=session_id,
        user_pool_id=user_pool_id,
        app_id=app_id,
        user_id=user_id,
        method=method,
        scope=scope,
        now=tx.now,
        expires_at=expires_at,
        client_address=client_address,
        user_agent=user_agent,
    )


async def end_all(tx: Transaction, user_id: str) -> int:
    """End every session of a user; says how many."""
    return await tx.run(_END_ALL, user_id=user_id, now=tx.now)
