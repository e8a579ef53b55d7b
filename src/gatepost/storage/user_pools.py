"""User pools and the web origins they allow."""

from __future__ import annotations

from collections.abc import Iterable

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.statement import sql
from gatepost.vocabulary.user_pool import UserPool

ACCESS_KEY_SEAL = "access key"
"""What access keys are sealed for: calls signed with one are checked with the key itself."""

_ADD = sql(
    "INSERT INTO user_pools (id, name, access_key_id, access_key_digest, access_key_sealed,"
    " settings, created_at)"
    " VALUES (:id, :name, :access_key_id, :access_key_digest, :access_key_sealed,"
    " :settings, :now)"
)
_FIND = sql("SELECT id, settings FROM user_pools WHERE id = :id")
_SET = sql("UPDATE user_pools SET settings = :settings WHERE id = :id")
_CLEAR_ORIGINS = sql("DELETE FROM allowed_origins WHERE user_pool_id = :id")
_ADD_ORIGIN = sql("INSERT INTO allowed_origins (origin, user_pool_id) VALUES (:origin, :id)")
_ORIGIN = sql("SELECT 1 FROM allowed_origins WHERE origin = :origin LIMIT 1")
_SEALED = sql("SELECT id, access_key_sealed FROM user_pools")
_RESEAL = sql("UPDATE user_pools SET access_key_sealed = :sealed WHERE id = :id")


async def add(
    tx: Transaction,
    pool: UserPool,
    name: str,
    *,
    access_key_id: str,
    access_key_digest: str,
    access_key_sealed: str,
) -> None:
    """Keep a new pool."""
    await tx.run(
        _ADD,
        id=pool.id,
        name=name,
        access_key_id=access_key_id,
        access_key_digest=access_key_digest,
        access_key_sealed=access_key_sealed,
        settings=pool.settings_text,
        now=tx.now,
    )
    await _set_origins(tx, pool)


async def find(reader: Reader, pool_id: str) -> UserPool | None:
    """A pool by its id."""
    row = await reader.one(_FIND, id=pool_id)
    return UserPool(*row) if row else None


async def set_settings(tx: Transaction, pool: UserPool) -> None:
    """Keep a pool's settings as they now are."""
    await tx.run(_SET, id=pool.id, settings=pool.settings_text)
    await _set_origins(tx, pool)


async def _set_origins(tx: Transaction, pool: UserPool) -> None:
    await tx.run(_CLEAR_ORIGINS, id=pool.id)
    for origin in _distinct(pool.settings.allowedOrigins):
        await tx.run(_ADD_ORIGIN, origin=origin, id=pool.id)


def _distinct(origins: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(origins))


async def any_allows(reader: Reader, origin: str) -> bool:
    """Whether some pool allows a web origin: all that a preflight can be asked."""
    return await reader.one(_ORIGIN, origin=origin) is not None


async def sealed(reader: Reader) -> list[tuple[str, str]]:
    """Every pool's id and sealed access key."""
    return [(row[0], row[1]) for row in await reader.all(_SEALED)]


async def reseal(tx: Transaction, pool_id: str, access_key_sealed: str) -> None:
    """Keep an access key sealed anew."""
    await tx.run(_RESEAL, id=pool_id, sealed=access_key_sealed)
