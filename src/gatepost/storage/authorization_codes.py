"""Authorization codes: kept as digests, each good once, and remembered for a day when used.

A used one that is shown again names the session to end.
"""

from __future__ import annotations

from msgspec import Struct

from gatepost.storage.database import Transaction
from gatepost.storage.rows import columns
from gatepost.storage.statement import sql


class StoredCode(Struct, frozen=True):
    """A code and all it is bound to; `session_id` is the browser's, `begun_id` the app's."""

    digest: str
    app_id: str
    user_id: str
    session_id: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    expires_at: int
    used_at: int | None = None
    begun_id: str | None = None


_CODE = columns(StoredCode)
_ADD = sql(
    f"INSERT INTO authorization_codes ({_CODE}) VALUES (:digest, :app_id, :user_id, :session_id,"
    " :redirect_uri, :scope, :nonce, :code_challenge, :expires_at, :used_at, :begun_id)"
)
_LOCK = sql(
    f"SELECT {_CODE} FROM authorization_codes WHERE digest = :digest",
    postgresql=f"SELECT {_CODE} FROM authorization_codes WHERE digest = :digest FOR UPDATE",
)
_USE = sql(
    "UPDATE authorization_codes SET used_at = :now, begun_id = :begun_id"
    " WHERE digest = :digest AND used_at IS NULL"
)


async def add(tx: Transaction, code: StoredCode) -> None:
    """Keep a new code."""
    await tx.run(_ADD, **{name: getattr(code, name) for name in StoredCode.__struct_fields__})


async def lock(tx: Transaction, digest: str) -> StoredCode | None:
    """A code, held against every other use until the unit ends."""
    row = await tx.one(_LOCK, digest=digest)
    return StoredCode(*row) if row else None


async def use(tx: Transaction, digest: str, begun_id: str | None) -> bool:
    """Use a code up for a session, or for nothing; False if it was used."""
    return await tx.run(_USE, digest=digest, begun_id=begun_id, now=tx.now) == 1
