"""What people let apps see, so that they are not asked every time."""

from __future__ import annotations

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.statement import sql

_FIND = sql("SELECT scope FROM consents WHERE user_id = :user_id AND app_id = :app_id")
_PUT = sql(
    "INSERT INTO consents (user_id, app_id, scope, given_at)"
    " VALUES (:user_id, :app_id, :scope, :now)"
    " ON CONFLICT (user_id, app_id) DO UPDATE SET scope = excluded.scope,"
    " given_at = excluded.given_at"
)


async def given(reader: Reader, user_id: str, app_id: str) -> frozenset[str]:
    """The scopes that a person let an app have."""
    row = await reader.one(_FIND, user_id=user_id, app_id=app_id)
    return frozenset(row[0].split()) if row else frozenset()


async def add(tx: Transaction, user_id: str, app_id: str, scopes: frozenset[str]) -> None:
    """Note that a person lets an app have these scopes as well."""
    scope = " ".join(sorted(scopes | await given(tx, user_id, app_id)))
    await tx.run(_PUT, user_id=user_id, app_id=app_id, scope=scope, now=tx.now)
