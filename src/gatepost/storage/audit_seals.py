"""The seals over the audit log, each of which follows the one before, and their last."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.rows import columns
from gatepost.storage.statement import sql


class Seal(Struct, frozen=True):
    """A keyed digest over some rows and the seal before.

    Every row from before `settled_at` was sealed by then. `erased` are the ids of users, with
    spaces between, whose personal fields this seal lets be erased from every row.
    """

    number: int
    sealed_at: int
    settled_at: int
    row_count: int
    rows_digest: str
    erased: str
    previous: str
    key_id: str = ""
    digest: str = ""


class Chain(Struct, frozen=True):
    """How far sealing has come, under a keyed digest of its own.

    `emptied` is the last seal whose rows retention has removed, `erased` the last one whose
    erasures are done. Until `adopted`, rows without a digest come from before there were any.
    """

    seals: int = 0
    last_digest: str = ""
    sealed_at: int = 0
    settled_at: int = 0
    emptied: int = 0
    erased: int = 0
    adopted: int = 0
    key_id: str = ""
    digest: str = ""


_ONLY = 1
_SEAL, _CHAIN = columns(Seal), columns(Chain)
_READ_CHAIN = f"SELECT {_CHAIN} FROM audit_chain WHERE id = {_ONLY}"
_CHAIN_NOW = sql(_READ_CHAIN)
_LOCK = sql(_READ_CHAIN, postgresql=f"{_READ_CHAIN} FOR UPDATE")
_BEGIN = sql(
    f"INSERT INTO audit_chain (id, {_CHAIN}) VALUES ({_ONLY}, "
    + ", ".join(f":{name}" for name in Chain.__struct_fields__)
    + ") ON CONFLICT (id) DO NOTHING"
)
_MOVE_ON = sql(
    "UPDATE audit_chain SET "
    + ", ".join(f"{name} = :{name}" for name in Chain.__struct_fields__)
    + f" WHERE id = {_ONLY}"
)
_ADD = sql(
    f"INSERT INTO audit_seals ({_SEAL}) VALUES ("
    + ", ".join(f":{name}" for name in Seal.__struct_fields__)
    + ")"
)
_FIND = sql(f"SELECT {_SEAL} FROM audit_seals WHERE number = :number")
_FROM = sql(f"SELECT {_SEAL} FROM audit_seals WHERE number > :after ORDER BY number LIMIT :most")
_LAST = sql("SELECT max(number) FROM audit_seals")


async def chain(reader: Reader) -> Chain | None:
    """How far sealing has come; None where it has not begun."""
    row = await reader.one(_CHAIN_NOW)
    return Chain(*row) if row else None


async def lock(tx: Transaction) -> Chain | None:
    """The same, held until the unit ends, so that of several processes one goes on alone."""
    row = await tx.one(_LOCK)
    return Chain(*row) if row else None


async def begin(tx: Transaction, chain: Chain) -> None:
    """Keep a chain without a seal, unless there is one."""
    await tx.run(_BEGIN, **_values(chain))


async def move_on(tx: Transaction, chain: Chain) -> None:
    """Keep how far sealing has come."""
    await tx.run(_MOVE_ON, **_values(chain))


async def add(tx: Transaction, seal: Seal) -> None:
    """Keep a seal."""
    await tx.run(_ADD, **_values(seal))


async def find(reader: Reader, number: int) -> Seal | None:
    """A seal by its number."""
    row = await reader.one(_FIND, number=number)
    return Seal(*row) if row else None


async def following(reader: Reader, after: int, most: int) -> list[Seal]:
    """Seals in their order, from a number on."""
    return [Seal(*row) for row in await reader.all(_FROM, after=after, most=most)]


async def last_number(reader: Reader) -> int | None:
    """The highest number of any seal."""
    row = await reader.one(_LAST)
    return row[0] if row else None


def _values(of: Seal | Chain) -> dict[str, Any]:
    return {name: getattr(of, name) for name in of.__struct_fields__}
