"""What happened to whom, by which app, from where."""

from __future__ import annotations

from msgspec import Struct

from gatepost.storage.database import Transaction
from gatepost.storage.rows import columns
from gatepost.storage.statement import sql


class AuditEvent(Struct, frozen=True):
    """One event, under the name that the audit interfaces know it by."""

    id: str
    event: str
    succeeded: bool
    user_pool_id: str
    app_id: str | None
    user_id: str | None
    session_id: str | None
    request_id: str | None
    client_address: str | None
    user_agent: str | None
    detail: str | None = None


_RECORD = sql(
    f"INSERT INTO audit_log ({columns(AuditEvent)}, at)"
    " VALUES (:id, :event, :succeeded, :user_pool_id, :app_id, :user_id, :session_id,"
    " :request_id, :client_address, :user_agent, :detail, :now)"
)


async def record(tx: Transaction, event: AuditEvent) -> None:
    """Keep an event, in the unit of what it tells of."""
    values = {name: getattr(event, name) for name in AuditEvent.__struct_fields__}
    values["succeeded"] = int(event.succeeded)
    await tx.run(_RECORD, **values, now=tx.now)
