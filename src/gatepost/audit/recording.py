"""Keep an event, in the unit of what it tells of."""

from __future__ import annotations

from gatepost.audit.digests import digested
from gatepost.server_keys import ServerKeys
from gatepost.storage import audit_log
from gatepost.storage.audit_log import AuditEvent
from gatepost.storage.database import Transaction


async def record(tx: Transaction, keys: ServerKeys, event: AuditEvent) -> None:
    """Keep an event under its digest; a background job seals it later."""
    await audit_log.add(tx, digested(keys, event, tx.now))
