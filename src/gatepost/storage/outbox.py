"""Mails that are still to be sent, and for a while those that were.

A mail is a row, written with what caused it. Workers borrow rows with a lease: one that dies
lets go of them by doing nothing, and the mail goes out again rather than never.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from gatepost.storage.database import CLOCKS_MAY_DIFFER, Reader, Transaction
from gatepost.storage.rows import columns
from gatepost.storage.statement import sql

MAIL_SEAL = "mail"
"""What the variables of a mail are sealed for."""

WITHHELD = "withheld"
"""Among the variables of a mail that is written like any other and never leaves: whoever asked
for it must not see by the time it takes that there is nobody to mail it to."""

LONGEST_PAUSE_SECONDS = 3600
"""Nobody postpones a mail by more."""


class State(StrEnum):
    """What became of a mail."""

    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"
    LATE = "late"
    WITHHELD = "withheld"


class QueuedMail(Struct, frozen=True):
    """A mail as its row has it. `variables_sealed` is erased once the mail is done with."""

    id: str
    user_pool_id: str
    app_name: str
    template: str
    language: str
    recipient: str
    variables_sealed: str | None
    created_at: int
    give_up_at: int
    attempts: int


_MAIL = columns(QueuedMail)


def _due(locking: str = "") -> str:
    """The ids of mails that are due and not borrowed.

    A clock that has stepped back since leaves rows from the future: a mail that is due later than
    anybody postpones one is due, and a loan that ends later than anybody's would has ended. Two
    ranges of the index instead of one OR, which would read every mail that waits.
    """
    due, strays = (
        f"SELECT id FROM (SELECT id FROM outbox WHERE state = 'queued' AND {in_range}"
        " AND (leased_until <= :now OR leased_until > :longest_loan)"
        f" ORDER BY due_at LIMIT :most{locking}) AS {name}"
        for name, in_range in (("due", "due_at <= :now"), ("stray", "due_at > :longest_pause"))
    )
    return f"{due} UNION ALL {strays} LIMIT :most"


_PUT = sql(
    f"INSERT INTO outbox ({_MAIL}, due_at, leased_until, state)"
    " VALUES (:id, :user_pool_id, :app_name, :template, :language, :recipient,"
    " :variables_sealed, :created_at, :give_up_at, :attempts, :created_at, 0, 'queued')"
)
_BORROW = sql(
    "UPDATE outbox SET leased_until = :until, lease = :lease, attempts = attempts + 1"
    f" WHERE id IN ({_due()}) RETURNING {_MAIL}",
    postgresql="UPDATE outbox SET leased_until = :until, lease = :lease, attempts = attempts + 1"
    f" WHERE id IN ({_due(' FOR UPDATE SKIP LOCKED')}) RETURNING {_MAIL}",
)
_END = sql(
    "UPDATE outbox SET state = :state, ended_at = :now, last_answer = :answer,"
    " variables_sealed = NULL, leased_until = 0, lease = NULL"
    " WHERE id = :id AND state = 'queued'"
)
_POSTPONE = sql(
    "UPDATE outbox SET due_at = :due_at, last_answer = :answer, leased_until = 0, lease = NULL"
    " WHERE id = :id AND lease = :lease AND state = 'queued'"
)
_ANY_DUE = sql(_due())
_SEALED = sql(
    "SELECT id, variables_sealed FROM outbox"
    " WHERE state = 'queued' AND variables_sealed IS NOT NULL"
)
_RESEAL = sql("UPDATE outbox SET variables_sealed = :sealed WHERE id = :id AND state = 'queued'")


async def put(tx: Transaction, mail: QueuedMail) -> None:
    """Keep a mail; it is due at once."""
    tx.later(_PUT, **{name: getattr(mail, name) for name in QueuedMail.__struct_fields__})


async def borrow(tx: Transaction, lease: str, *, seconds: int, most: int) -> Sequence[QueuedMail]:
    """Take up to `most` due mails for `seconds`; nobody else gets them meanwhile."""
    until = tx.now + seconds * 1000
    rows = await tx.all(_BORROW, **_instants(tx.now, seconds), until=until, lease=lease, most=most)
    return [QueuedMail(*row) for row in rows]


async def end(tx: Transaction, mail_id: str, state: State, answer: str) -> None:
    """Note what became of a mail, and erase its secrets."""
    await tx.run(_END, id=mail_id, state=state, now=tx.now, answer=answer[:500])


async def postpone(tx: Transaction, mail_id: str, lease: str, due_at: int, answer: str) -> None:
    """Give a mail back, to be tried again at an instant; does nothing if the lease is lost."""
    await tx.run(_POSTPONE, id=mail_id, lease=lease, due_at=due_at, answer=answer[:500])


async def any_due(reader: Reader, lease_seconds: int) -> bool:
    """Whether a mail is due that nobody has borrowed."""
    due = await reader.one(_ANY_DUE, **_instants(reader.now, lease_seconds), most=1)
    return due is not None


def _instants(now: int, lease_seconds: int) -> dict[str, int]:
    """What `_due` compares with."""
    latest = now + CLOCKS_MAY_DIFFER
    return {
        "now": now,
        "longest_pause": latest + LONGEST_PAUSE_SECONDS * 1000,
        "longest_loan": latest + lease_seconds * 1000,
    }


async def sealed(reader: Reader) -> list[tuple[str, str]]:
    """The ids and sealed variables of waiting mails."""
    return [(row[0], row[1]) for row in await reader.all(_SEALED)]


async def reseal(tx: Transaction, mail_id: str, variables_sealed: str) -> None:
    """Keep a waiting mail's variables sealed anew."""
    await tx.run(_RESEAL, id=mail_id, sealed=variables_sealed)


class Backlog(Struct, frozen=True):
    """How many mails wait to be sent, and for how long the oldest has."""

    mails: int
    oldest_seconds: float


_BACKLOG = sql("SELECT count(*), MIN(created_at) FROM outbox WHERE state = 'queued'")


async def backlog(reader: Reader) -> Backlog:
    """What is still to be sent, by whichever node."""
    row = await reader.one(_BACKLOG)
    if row is None or row[1] is None:
        return Backlog(0, 0.0)
    return Backlog(row[0], max(reader.now - row[1], 0) / 1000)


class ListedMail(Struct, frozen=True):
    """What became of a mail so far; `due_at` means something while it waits."""

    id: str
    state: str
    template: str
    recipient: str
    attempts: int
    created_at: int
    due_at: int
    ended_at: int | None
    last_answer: str | None


_NEWEST = sql(
    f"SELECT {columns(ListedMail)} FROM outbox"
    " WHERE CAST(:state AS text) = '' OR state = :state"
    " ORDER BY created_at DESC, id DESC LIMIT :most"
)


async def newest(reader: Reader, state: State | None, most: int) -> Sequence[ListedMail]:
    """The newest mails, the last one first; only those in one state where that is given."""
    rows = await reader.all(_NEWEST, state=state or "", most=most)
    return [ListedMail(*row) for row in rows]
