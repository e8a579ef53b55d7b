"""Seal the audit log, in steps small enough to hold nobody up.

Each step is one unit that holds the chain, so any number of processes may take them. Rows are
sealed as they are found without a seal, in no order: one that was committed late is under a
later seal. What the steps act on (when rows may go, whose fields are erased) is read from
seals and rows only where their digests are right.
"""

from __future__ import annotations

from msgspec.structs import replace

from gatepost.audit.digests import digested, holds, is_genuine, linked, rows_digest, sealed
from gatepost.server_keys import ServerKeys
from gatepost.storage import audit_log, audit_seals
from gatepost.storage.audit_log import AuditRow
from gatepost.storage.audit_seals import Chain, Seal
from gatepost.storage.database import Transaction
from gatepost.vocabulary.identifiers import Chance, new_id

ROWS_OF_A_SEAL = 500
ERASED_AFTER = 10 * 60_000
"""Milliseconds after a seal until what it says is erased: no late row may be left out."""


class ChainBroken(Exception):
    """The seals were tampered with: going on would cover it up."""


async def adopt(tx: Transaction, keys: ServerKeys, chance: Chance, most: int) -> bool:
    """Give rows from before there were digests one, once; says whether more is to be done."""
    chain = await _held(tx, keys)
    if chain.adopted:
        return False
    rows = await audit_log.undigested(tx, most)
    for row in rows:
        event = replace(row.event, salt=new_id(chance))
        await audit_log.give_digest(tx, digested(keys, event, row.at))
    if len(rows) < most:
        await _move_on(tx, keys, replace(chain, adopted=1))
    return True


async def seal(tx: Transaction, keys: ServerKeys, most: int, pause: int = 0) -> bool:
    """Seal rows that have no seal, unless another process did `pause` milliseconds ago.

    Says whether there may be more.
    """
    chain = await _held(tx, keys)
    if 0 <= tx.now - chain.sealed_at < pause:
        return False
    number = chain.seals + 1
    rows = await audit_log.take_unsealed(tx, number, most)
    if not rows:
        return False
    made = sealed(
        keys,
        Seal(
            number=number,
            sealed_at=tx.now,
            settled_at=tx.now if len(rows) < most else chain.settled_at,
            row_count=len(rows),
            rows_digest=rows_digest(rows),
            erased=" ".join(_deleted(keys, rows)),
            previous=chain.last_digest,
        ),
    )
    await audit_seals.add(tx, made)
    after = replace(
        chain,
        seals=number,
        last_digest=made.digest,
        sealed_at=made.sealed_at,
        settled_at=made.settled_at,
    )
    await _move_on(tx, keys, after)
    return len(rows) == most


async def erase(tx: Transaction, keys: ServerKeys, most: int) -> bool:
    """Erase what the next seal says is erased; says whether there may be more."""
    chain = await _held(tx, keys)
    due = await _next(tx, keys, chain, chain.erased)
    if due is None or due.sealed_at > tx.now - ERASED_AFTER:
        return False
    for user_id in due.erased.split():
        if await audit_log.erase(tx, user_id, most) == most:
            return True
    await _move_on(tx, keys, replace(chain, erased=due.number))
    return True


async def retain(tx: Transaction, keys: ServerKeys, days: int) -> bool:
    """Remove the rows under the oldest seal that has any, if it was made so many days ago.

    The seal stays. Says whether there may be more.
    """
    chain = await _held(tx, keys)
    due = await _next(tx, keys, chain, chain.emptied)
    if due is None or due.sealed_at > tx.now - days * 86_400_000:
        return False
    await audit_log.empty(tx, due.number)
    await _move_on(tx, keys, replace(chain, emptied=due.number))
    return True


async def _held(tx: Transaction, keys: ServerKeys) -> Chain:
    """The chain, which the first process begins. Raises ChainBroken."""
    chain = await audit_seals.lock(tx)
    if chain is None:
        traces = (await audit_seals.last_number(tx), await audit_log.last_seal(tx))
        if traces != (None, None):
            raise ChainBroken("there are seals, but not the note of how many")
        await audit_seals.begin(tx, linked(keys, Chain()))
        chain = await audit_seals.lock(tx)
    if chain is None or not holds(keys, chain):
        raise ChainBroken("the note of how far sealing has come was altered")
    return chain


async def _next(tx: Transaction, keys: ServerKeys, chain: Chain, done: int) -> Seal | None:
    """The seal after the last one done; None after the last of all. Raises ChainBroken."""
    if done == chain.seals:
        return None
    found = await audit_seals.find(tx, done + 1)
    if found is None or not holds(keys, found):
        raise ChainBroken(f"seal {done + 1} was altered or removed")
    return found


async def _move_on(tx: Transaction, keys: ServerKeys, chain: Chain) -> None:
    await audit_seals.move_on(tx, linked(keys, chain))


def _deleted(keys: ServerKeys, rows: list[AuditRow]) -> list[str]:
    """The users whose accounts were deleted, as far as the rows that say so are genuine."""
    return sorted(
        {
            row.event.user_id
            for row in rows
            if row.event.event == "deleteAccount"
            and row.event.succeeded
            and row.event.user_id is not None
            and is_genuine(keys, row)
        }
    )
