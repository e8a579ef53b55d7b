"""The history of the addresses of accounts: what an undo goes back through."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.rows import columns
from gatepost.storage.statement import sql


class EmailChange(Struct, frozen=True):
    """One bind, change or unbind. A voided one was undone, or came after one that was."""

    id: str
    user_id: str
    event: str
    old_email: str | None
    new_email: str | None
    happened_at: int
    voided_at: int | None


_CHANGE = columns(EmailChange)
# The changes of an account are made one after another, while it is held. Their instants say
# in which order, even within a millisecond or after a clock has stepped back.
_ADD = sql(
    f"INSERT INTO email_changes ({_CHANGE})"
    " SELECT :id, :user_id, :event, CAST(:old_email AS text), CAST(:new_email AS text),"
    " CASE WHEN l.last >= :now THEN l.last + 1 ELSE CAST(:now AS bigint) END, NULL"
    " FROM (SELECT max(happened_at) AS last FROM email_changes"
    " WHERE user_id = :user_id) l"
)
_FIND = sql(f"SELECT {_CHANGE} FROM email_changes WHERE id = :id")
_VOID_FROM = sql(
    "UPDATE email_changes SET voided_at = :now WHERE user_id = :user_id"
    " AND happened_at >= :since AND voided_at IS NULL"
)
_LATEST = sql(
    f"SELECT {_CHANGE} FROM email_changes WHERE user_id = :user_id AND voided_at IS NULL"
    " ORDER BY happened_at DESC, id DESC LIMIT :most"
)
_LATEST_BIND = sql(
    f"SELECT {_CHANGE} FROM email_changes WHERE user_id = :user_id AND voided_at IS NULL"
    " AND event = 'bind' ORDER BY happened_at DESC, id DESC LIMIT 1"
)
_FIRST_BIND = sql(
    f"SELECT {_CHANGE} FROM email_changes WHERE user_id = :user_id AND voided_at IS NULL"
    " AND event = 'bind' AND happened_at > :since ORDER BY happened_at, id LIMIT 1"
)


async def add(
    tx: Transaction,
    change_id: str,
    *,
    user_id: str,
    event: str,
    old_email: str | None,
    new_email: str | None,
) -> None:
    """Keep what happened, in the unit of the change."""
    tx.later(
        _ADD,
        id=change_id,
        user_id=user_id,
        event=event,
        old_email=old_email,
        new_email=new_email,
        now=tx.now,
    )


async def find(reader: Reader, change_id: str) -> EmailChange | None:
    """A change by its id."""
    row = await reader.one(_FIND, id=change_id)
    return EmailChange(*row) if row else None


async def void_from(tx: Transaction, change: EmailChange) -> None:
    """Void a change and every later one of the same account."""
    await tx.run(_VOID_FROM, user_id=change.user_id, since=change.happened_at, now=tx.now)


async def latest(reader: Reader, user_id: str, most: int = 1) -> Sequence[EmailChange]:
    """The newest changes that stand, the newest first."""
    rows = await reader.all(_LATEST, user_id=user_id, most=most)
    return [EmailChange(*row) for row in rows]


async def latest_bind(reader: Reader, user_id: str) -> EmailChange | None:
    """The newest bind that stands, whatever changes came after it."""
    row = await reader.one(_LATEST_BIND, user_id=user_id)
    return EmailChange(*row) if row else None


async def first_bind(reader: Reader, user_id: str, since: int) -> EmailChange | None:
    """The oldest bind that stands and was made after an instant."""
    row = await reader.one(_FIRST_BIND, user_id=user_id, since=since)
    return EmailChange(*row) if row else None
