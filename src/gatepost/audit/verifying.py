"""Find out whether the audit log is what the server wrote.

Found are rows that were altered, added, or removed once they were sealed, and seals that were
altered or removed. Not found is the removal of a row before it was sealed, and a whole database
put back to what it was before: against that, keep the `head` that a verification names
elsewhere, and expect it of the next.

A server may go on meanwhile: what it adds during a verification is left to the next.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec import Struct

from gatepost.audit.digests import holds, is_erased, is_genuine, rows_digest
from gatepost.server_keys import ServerKeys
from gatepost.storage import audit_log, audit_seals
from gatepost.storage.audit_log import AuditRow
from gatepost.storage.audit_seals import Chain, Seal
from gatepost.storage.database import Database

AT_ONCE = 500
LATEST = 86_400_000
"""Milliseconds after which a row without a seal is too old to have come by itself."""


class Verified(Struct, rename="camel"):
    """What was looked at, and what was found. `head` names the last seal."""

    rows: int
    seals: int
    unsealed: int
    emptied: int
    head: str
    findings: list[str]


async def verify(database: Database, keys: ServerKeys, expected: str = "") -> Verified:
    """Look at every row and seal. `expected` is the `head` of an earlier verification."""
    return await _Verification(database, keys).verified(expected)


class _Verification:
    def __init__(self, database: Database, keys: ServerKeys) -> None:
        self._database = database
        self._keys = keys
        self._findings: list[str] = []
        self._rows = 0
        self._unsealed = 0
        self._noted: dict[str, int] = {}
        self._doubtful: list[AuditRow] = []

    async def verified(self, expected: str) -> Verified:
        await self._nothing_beyond()
        chain = await self._chain()
        await self._links(chain, expected)
        await self._sealed_rows(chain)
        async for row in self._pages(None):
            self._unsealed += 1
            self._row(row, chain.settled_at, chain)
        async for row in self._pages(chain.emptied):
            self._find(f"row {row.event.id} stands under seal {row.seal}, whose rows are gone")
        await self._erased_without_note()
        head = f"{chain.seals}:{chain.last_digest}"
        return Verified(
            self._rows, chain.seals, self._unsealed, chain.emptied, head, self._findings
        )

    def _find(self, finding: str) -> None:
        # One line each, whatever somebody has written where an id was.
        self._findings.append("".join(c for c in finding if c.isprintable())[:200])

    async def _nothing_beyond(self) -> None:
        """No seal, and no row's seal, is beyond the last: what grows is read before its end."""
        highest = await audit_seals.last_number(self._database.reader()) or 0
        of_rows = await audit_log.last_seal(self._database.reader()) or 0
        chain = await audit_seals.chain(self._database.reader())
        if chain is None:
            if highest or of_rows:
                self._find("the note of how far sealing has come was removed")
            return
        if highest > chain.seals:
            self._find(f"seal {highest} is beyond the last, {chain.seals}")
        if of_rows > chain.seals:
            self._find(f"rows stand under seal {of_rows}, beyond the last, {chain.seals}")

    async def _chain(self) -> Chain:
        """How far sealing has come, if that can be believed."""
        chain = await audit_seals.chain(self._database.reader())
        if chain is not None and holds(self._keys, chain):
            return chain
        if chain is not None:
            self._find("the note of how far sealing has come was altered")
        return Chain(seals=await audit_seals.last_number(self._database.reader()) or 0)

    async def _links(self, chain: Chain, expected: str) -> None:
        """Every seal is there, as it was made, and follows the one before."""
        number, _, digest = expected.partition(":")
        was_met = not expected or expected == "0:"
        before, previous = 0, ""
        async for seal in self._seals():
            if seal.number > chain.seals:
                break
            if seal.number > before + 1:
                self._missing(before + 1, seal.number - 1)
                previous = ""
            if not holds(self._keys, seal):
                self._find(f"seal {seal.number} was altered")
            elif previous and seal.previous != previous:
                self._find(f"seal {seal.number} does not follow seal {before}")
            else:
                self._note(seal)
            was_met = was_met or (str(seal.number), seal.digest) == (number, digest)
            before, previous = seal.number, seal.digest
        if before < chain.seals:
            self._missing(before + 1, chain.seals)
        elif chain.digest and previous != chain.last_digest:
            self._find(f"seal {chain.seals} is not the last that was made")
        if not was_met:
            self._find(f"seal {number} is not the one that was expected")

    def _missing(self, first: int, last: int) -> None:
        self._find(
            f"seal {first} is missing" if first == last else f"seals {first} to {last} are missing"
        )

    def _note(self, seal: Seal) -> None:
        for user_id in seal.erased.split():
            self._noted.setdefault(user_id, seal.number)

    async def _sealed_rows(self, chain: Chain) -> None:
        settled_at = 0
        async for seal in self._seals():
            if seal.number > chain.seals:
                break
            if seal.number > chain.emptied:
                await self._rows_of(seal, settled_at, chain)
            settled_at = seal.settled_at if holds(self._keys, seal) else 0

    async def _rows_of(self, seal: Seal, settled_at: int, chain: Chain) -> None:
        rows = await audit_log.of_seal(self._database.reader(), seal.number)
        for row in rows:
            self._row(row, settled_at, chain)
        if not holds(self._keys, seal) or rows_digest(rows) == seal.rows_digest:
            return
        now = await audit_seals.chain(self._database.reader())
        if not rows and now and now.emptied >= seal.number and holds(self._keys, now):
            return  # retention has come by meanwhile
        missing = seal.row_count - len(rows)
        if missing > 0:
            self._find(f"seal {seal.number}: {missing} of {seal.row_count} rows are missing")
        elif missing < 0:
            self._find(f"seal {seal.number}: {-missing} rows were added")
        else:
            self._find(f"seal {seal.number}: its rows are not those that were sealed")

    def _row(self, row: AuditRow, settled_at: int, chain: Chain) -> None:
        self._rows += 1
        noted = self._noted.get(row.event.user_id or "")
        if row.digest is None:
            if chain.adopted or row.seal is not None:
                self._find(f"row {row.event.id} has no digest: the server did not write it")
        elif not is_genuine(self._keys, row):
            self._find(f"row {row.event.id} was altered")
        elif is_erased(row) and noted is None:
            self._doubtful.append(row)
        elif not is_erased(row) and noted is not None and noted <= chain.erased:
            self._find(f"row {row.event.id} was put back as it was before it was erased")
        elif row.at < settled_at - LATEST:
            self._find(f"row {row.event.id} came long after its time: it was put back")

    async def _erased_without_note(self) -> None:
        """Rows that were erased may be so by a seal made since the seals were read."""
        if self._doubtful:
            async for seal in self._seals():
                if holds(self._keys, seal):
                    self._note(seal)
        for row in self._doubtful:
            if row.event.user_id not in self._noted:
                self._find(f"row {row.event.id} is erased though no seal says so")

    async def _seals(self) -> AsyncIterator[Seal]:
        after = 0
        while found := await audit_seals.following(self._database.reader(), after, AT_ONCE):
            for seal in found:
                yield seal
            after = found[-1].number

    async def _pages(self, up_to: int | None) -> AsyncIterator[AuditRow]:
        """Rows without a seal, or under any seal up to one."""
        after, reader = "", self._database.reader
        while True:
            if up_to is None:
                rows = await audit_log.unsealed(reader(), after, AT_ONCE)
            else:
                rows = await audit_log.up_to_seal(reader(), up_to, after, AT_ONCE)
            for row in rows:
                yield row
            if len(rows) < AT_ONCE:
                return
            after = rows[-1].event.id
