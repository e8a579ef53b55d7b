"""Refresh tokens: opaque, kept as digests, each good for one successor."""

from __future__ import annotations

from msgspec import Struct

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.rows import columns
from gatepost.storage.statement import sql
from gatepost.vocabulary.refusals import TokenInvalid


class StoredRefreshToken(Struct, frozen=True):
    """A token. `key_id` names the server key that its successor derives from, once it is used."""

    digest: str
    session_id: str
    app_id: str
    issued_at: int
    expires_at: int
    used_at: int | None
    key_id: str | None


_TOKEN = columns(StoredRefreshToken)
_FIND = sql(f"SELECT {_TOKEN} FROM refresh_tokens WHERE digest = :digest")
_LOCK = sql(
    f"SELECT {_TOKEN} FROM refresh_tokens WHERE digest = :digest",
    postgresql=f"SELECT {_TOKEN} FROM refresh_tokens WHERE digest = :digest FOR UPDATE",
)
_ADD = sql(
    "INSERT INTO refresh_tokens (digest, session_id, app_id, issued_at, expires_at)"
    " VALUES (:digest, :session_id, :app_id, :now, :expires_at)"
)
_USE = sql(
    "UPDATE refresh_tokens SET used_at = :now, key_id = :key_id"
    " WHERE digest = :digest AND used_at IS NULL",
    missed=TokenInvalid,
)


async def find(reader: Reader, digest: str) -> StoredRefreshToken | None:
    """A token by its digest."""
    row = await reader.one(_FIND, digest=digest)
    return StoredRefreshToken(*row) if row else None


async def lock(tx: Transaction, digest: str) -> StoredRefreshToken | None:
    """A token, held against every other use until the unit ends."""
    row = await tx.one(_LOCK, digest=digest)
    return StoredRefreshToken(*row) if row else None


async def add(
    tx: Transaction, digest: str, *, session_id: str, app_id: str, expires_at: int
) -> None:
    """Keep a new token."""
    tx.later(
        _ADD,
        digest=digest,
        session_id=session_id,
        app_id=app_id,
        now=tx.now,
        expires_at=expires_at,
    )


async def use(tx: Transaction, digest: str, key_id: str) -> None:
    """Mark a token as used. Refuses: TokenInvalid, if it was."""
    tx.later(_USE, digest=digest, key_id=key_id, now=tx.now)
