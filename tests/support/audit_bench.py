"""The audit log by itself: a database, keys of its own, a stopped clock, no HTTP."""

from __future__ import annotations

import itertools
import secrets
from typing import Any

from gatepost.audit import sealing
from gatepost.audit.recording import record
from gatepost.audit.verifying import Verified, verify
from gatepost.server_keys import ServerKeys
from gatepost.storage.audit_log import AuditEvent
from gatepost.storage.database import Database
from gatepost.storage.statement import sql
from tests.support.world import StoppedClock

TABLES = ("audit_log", "audit_seals", "audit_chain")
Snapshot = dict[str, list[tuple[Any, ...]]]


def happened(name: str = "bindEmail", **facts: Any) -> AuditEvent:
    """An event of Ann's, with facts of its own."""
    given: dict[str, Any] = {
        "id": secrets.token_hex(12),
        "event": name,
        "succeeded": True,
        "user_pool_id": "pool",
        "app_id": "app",
        "user_id": "ann",
        "session_id": "session",
        "request_id": "request",
        "client_address": "192.0.2.1",
        "user_agent": "Browser",
        "salt": secrets.token_hex(12),
        "detail": "detail",
        "refusal": "SameEmail",
        "api_code": 1,
    }
    return AuditEvent(**given | facts)


class AuditBench:
    """What the server does to the log, a step at a time, and what Mallory does to the tables."""

    def __init__(self, database: Database, clock: StoppedClock) -> None:
        self.database = database
        self.clock = clock
        self.keys = ServerKeys({"first": bytes(range(32))}, secrets.token_bytes)
        self._names = itertools.count(1)

    async def put(self, *events: AuditEvent) -> None:
        """Have events recorded."""
        for event in events:

            async def work(tx: Any, event: AuditEvent = event) -> None:
                await record(tx, self.keys, event)

            await self.database.unit(work)

    async def seal(self, most: int = 500) -> None:
        """Seal everything, under as many seals as it takes."""
        while await self.database.unit(
            lambda tx: sealing.adopt(tx, self.keys, secrets.token_bytes, 2)
        ):
            pass
        while await self.database.unit(lambda tx: sealing.seal(tx, self.keys, most)):
            pass

    async def erase(self) -> None:
        """Erase what is due."""
        while await self.database.unit(lambda tx: sealing.erase(tx, self.keys, 2)):
            pass

    async def retain(self, days: int) -> None:
        """Remove what is older."""
        while await self.database.unit(lambda tx: sealing.retain(tx, self.keys, days)):
            pass

    async def verified(self, expected: str = "") -> Verified:
        return await verify(self.database, self.keys, expected)

    async def findings(self, expected: str = "") -> list[str]:
        return (await self.verified(expected)).findings

    async def three_seals(self) -> None:
        """Rows a1 to a3, b1 to b3 and c1 to c3 under a seal each, and d1 under none."""
        for letter in "abc":
            await self.put(*(happened(id=f"{letter}{number}") for number in (1, 2, 3)))
            await self.seal()
            self.clock.advance(60)
        await self.put(happened(id="d1"))

    async def rows(self, text: str, **parameters: Any) -> list[tuple[Any, ...]]:
        reader = self.database.reader()
        return [tuple(row) for row in await reader.all(sql(text), **parameters)]

    async def change(self, *texts: str, **parameters: Any) -> None:
        """Change the tables by hand, which must find something to change."""
        for text in texts:
            statement = sql(text)
            given = {name: parameters[name] for name in statement.names}
            changed = await self.database.unit(
                lambda tx, statement=statement, given=given: tx.run(statement, **given)  # type: ignore[misc]
            )
            assert changed, text

    async def snapshot(self, *tables: str) -> Snapshot:
        """What the tables hold."""
        return {name: await self.rows(f"SELECT * FROM {name}") for name in tables or TABLES}

    async def restore(self, snapshot: Snapshot) -> None:
        """Put tables back to what they held."""
        for name, held in snapshot.items():
            await self.database.unit(
                lambda tx, name=name: tx.run(sql(f"DELETE FROM {name}"))  # type: ignore[misc]
            )
            await self.put_back(name, held)

    async def put_back(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """Insert rows as they once were."""
        for row in rows:
            names = [f"c{number}" for number in range(len(row))]
            values = ", ".join(f":{name}" for name in names)
            given = dict(zip(names, row, strict=True))
            await self.change(f"INSERT INTO {table} VALUES ({values})", **given)
