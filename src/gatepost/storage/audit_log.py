"""What happened to whom, by which app, from where; what was refused too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.rows import columns
from gatepost.storage.statement import sql

ERASED = "erased"
"""What stands where something personal stood."""


class AuditEvent(Struct, frozen=True):
    """One event, under the name that the audit interfaces know it by.

    `succeeded` is 0 or 1. `salt` keeps what is personal unguessable once it is erased. `times`
    is how often it happened: refusals of nobody known are counted. `refusal` names the class of
    a refusal.
    """

    id: str
    event: str
    succeeded: int
    user_pool_id: str
    app_id: str | None
    user_id: str | None
    session_id: str | None
    request_id: str | None
    client_address: str | None
    user_agent: str | None
    salt: str | None
    detail: str | None = None
    refusal: str | None = None
    api_code: int | None = None
    times: int = 1


class AuditRow(Struct, frozen=True):
    """An event as it is kept. `seal` is the number of the seal over it; None: not sealed yet.

    `personal` is the digest of what is personal, `digest` the keyed one of everything else and
    of that. Both are None in rows from before there were any.
    """

    at: int
    event: AuditEvent
    personal: str | None
    key_id: str | None
    digest: str | None
    seal: int | None = None


_EVENT = columns(AuditEvent)
_ROW = f"at, {_EVENT}, personal, key_id, digest, seal"
_EVENT_VALUES = ", ".join(f":{name}" for name in AuditEvent.__struct_fields__)
_ADD = sql(
    f"INSERT INTO audit_log ({_ROW})"
    f" VALUES (:at, {_EVENT_VALUES}, :personal, :key_id, :digest, NULL)"
)
_ADD_OR_RAISE = sql(
    f"INSERT INTO audit_log ({_ROW})"
    f" VALUES (:at, {_EVENT_VALUES}, :personal, :key_id, :digest, NULL)"
    " ON CONFLICT (id) DO UPDATE SET times = excluded.times, key_id = excluded.key_id,"
    " digest = excluded.digest WHERE audit_log.seal IS NULL"
)
_TAKE = sql(
    "UPDATE audit_log SET seal = :seal WHERE seal IS NULL AND id IN"
    f" (SELECT id FROM audit_log WHERE seal IS NULL LIMIT :most) RETURNING {_ROW}"
)
_UNDIGESTED = sql(f"SELECT {_ROW} FROM audit_log WHERE seal IS NULL AND digest IS NULL LIMIT :most")
_DIGEST = sql(
    "UPDATE audit_log SET salt = :salt, personal = :personal, key_id = :key_id, digest = :digest"
    " WHERE id = :id"
)
_ERASE = sql(
    f"UPDATE audit_log SET client_address = '{ERASED}', user_agent = '{ERASED}', salt = NULL"
    " WHERE user_id = :user_id AND salt IS NOT NULL AND id IN"
    " (SELECT id FROM audit_log WHERE user_id = :user_id AND salt IS NOT NULL LIMIT :most)"
)
_EMPTY = sql("DELETE FROM audit_log WHERE seal = :seal")
_OF_SEAL = sql(f"SELECT {_ROW} FROM audit_log WHERE seal = :seal ORDER BY id")
_UNSEALED = sql(
    f"SELECT {_ROW} FROM audit_log WHERE seal IS NULL AND id > :after ORDER BY id LIMIT :most"
)
_UP_TO = sql(
    f"SELECT {_ROW} FROM audit_log WHERE seal <= :seal AND id > :after ORDER BY id LIMIT :most"
)
_LAST = sql("SELECT max(seal) FROM audit_log")
_NEWEST = sql(
    f"SELECT {_ROW} FROM audit_log"
    " WHERE CAST(:user_id AS text) = '' OR user_id = :user_id"
    " ORDER BY at DESC, id DESC LIMIT :most"
)


async def add(tx: Transaction, row: AuditRow) -> None:
    """Keep an event."""
    tx.later(_ADD, **_parameters(row))


async def add_or_raise(tx: Transaction, row: AuditRow) -> bool:
    """Keep an event, or how often it has happened by now; False where it is sealed already."""
    return await tx.run(_ADD_OR_RAISE, **_parameters(row)) == 1


async def take_unsealed(tx: Transaction, seal: int, most: int) -> list[AuditRow]:
    """Put rows that have no seal under one; those rows, by their ids."""
    taken = [_row(row) for row in await tx.all(_TAKE, seal=seal, most=most)]
    return sorted(taken, key=lambda row: row.event.id)


async def undigested(reader: Reader, most: int) -> list[AuditRow]:
    """Rows without a digest."""
    return [_row(row) for row in await reader.all(_UNDIGESTED, most=most)]


async def give_digest(tx: Transaction, row: AuditRow) -> None:
    """Keep the digest of a row that had none."""
    await tx.run(
        _DIGEST,
        id=row.event.id,
        salt=row.event.salt,
        personal=row.personal,
        key_id=row.key_id,
        digest=row.digest,
    )


async def erase(tx: Transaction, user_id: str, most: int) -> int:
    """Replace what is personal in rows of a user; says in how many."""
    return await tx.run(_ERASE, user_id=user_id, most=most)


async def empty(tx: Transaction, seal: int) -> int:
    """Remove the rows under a seal; says how many."""
    return await tx.run(_EMPTY, seal=seal)


async def of_seal(reader: Reader, seal: int) -> list[AuditRow]:
    """The rows under a seal, by their ids."""
    return [_row(row) for row in await reader.all(_OF_SEAL, seal=seal)]


async def unsealed(reader: Reader, after: str, most: int) -> list[AuditRow]:
    """Rows that have no seal yet, by their ids, from one on."""
    return [_row(row) for row in await reader.all(_UNSEALED, after=after, most=most)]


async def up_to_seal(reader: Reader, seal: int, after: str, most: int) -> list[AuditRow]:
    """Rows under any seal up to one, by their ids, from one on."""
    return [_row(row) for row in await reader.all(_UP_TO, seal=seal, after=after, most=most)]


async def last_seal(reader: Reader) -> int | None:
    """The highest number of a seal that any row names."""
    row = await reader.one(_LAST)
    return row[0] if row else None


async def newest(reader: Reader, user_id: str, most: int) -> Sequence[AuditRow]:
    """The newest events, of one user if one is named."""
    return [_row(row) for row in await reader.all(_NEWEST, user_id=user_id, most=most)]


def _parameters(row: AuditRow) -> dict[str, Any]:
    event = row.event
    values = {name: getattr(event, name) for name in AuditEvent.__struct_fields__}
    values["succeeded"] = int(event.succeeded)
    digests = {"personal": row.personal, "key_id": row.key_id, "digest": row.digest}
    return values | digests | {"at": row.at}


def _row(row: Any) -> AuditRow:
    at, *event, personal, key_id, digest, seal = row
    return AuditRow(at, AuditEvent(*event), personal, key_id, digest, seal)
