"""The fingerprints of the server keys that this database was used with."""

from __future__ import annotations

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.statement import sql

_ALL = sql("SELECT id, fingerprint FROM server_keys")
_ADD = sql(
    "INSERT INTO server_keys (id, fingerprint, first_used_at) VALUES (:id, :fingerprint, :now)"
    " ON CONFLICT (id) DO NOTHING"
)
_LOCK = sql(
    "SELECT id FROM server_keys ORDER BY id",
    postgresql="SELECT id FROM server_keys ORDER BY id FOR UPDATE",
)
_REMOVE = sql("DELETE FROM server_keys WHERE id = :id")


async def fingerprints(reader: Reader) -> dict[str, str]:
    """Key ids and their fingerprints; empty in a database never used."""
    return {row[0]: row[1] for row in await reader.all(_ALL)}


async def remember(tx: Transaction, key_id: str, fingerprint: str) -> None:
    """Note that a key is in use."""
    await tx.run(_ADD, id=key_id, fingerprint=fingerprint, now=tx.now)


async def lock(tx: Transaction) -> None:
    """Hold the list of keys, so that of several processes one goes on alone."""
    await tx.all(_LOCK)


async def forget(tx: Transaction, key_id: str) -> None:
    """Note that nothing needs a key any more."""
    await tx.run(_REMOVE, id=key_id)
