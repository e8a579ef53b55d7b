"""Private keys, sealed with a server key: those that sign, those that passwords travel by, and
those of the audit log's digests."""

from __future__ import annotations

from msgspec import Struct

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.rows import columns
from gatepost.storage.statement import sql


class StoredKey(Struct, frozen=True):
    """`purpose` is `sign`, `rsa`, `sm2` or `audit`. `published_until` is None for keys in use."""

    id: str
    purpose: str
    private_sealed: str
    created_at: int
    active_from: int
    published_until: int | None


_PUBLISHED = sql(
    f"SELECT {columns(StoredKey)} FROM signing_keys"
    " WHERE published_until IS NULL OR published_until > :now"
    " ORDER BY active_from, id"
)
_ADD = sql(
    f"INSERT INTO signing_keys ({columns(StoredKey)})"
    " VALUES (:id, :purpose, :private_sealed, :now, :active_from, NULL)"
)
_RETIRE = sql(
    "UPDATE signing_keys SET published_until = :until"
    " WHERE purpose = :purpose AND published_until IS NULL AND id <> :successor"
)
_RESEAL = sql("UPDATE signing_keys SET private_sealed = :private_sealed WHERE id = :id")


async def published(reader: Reader) -> list[StoredKey]:
    """Keys in use, and those that tokens may still be checked with; oldest first."""
    return [StoredKey(*row) for row in await reader.all(_PUBLISHED, now=reader.now)]


async def add(
    tx: Transaction, key_id: str, purpose: str, private_sealed: str, active_from: int
) -> None:
    """Keep a new key."""
    await tx.run(
        _ADD,
        id=key_id,
        purpose=purpose,
        private_sealed=private_sealed,
        now=tx.now,
        active_from=active_from,
    )


async def retire(tx: Transaction, purpose: str, successor: str, until: int) -> None:
    """Stop using every key of a purpose but the successor; publish them until an instant."""
    await tx.run(_RETIRE, purpose=purpose, successor=successor, until=until)


async def reseal(tx: Transaction, key_id: str, private_sealed: str) -> None:
    """Keep a key sealed anew."""
    await tx.run(_RESEAL, id=key_id, private_sealed=private_sealed)
