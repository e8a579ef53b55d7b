"""Rows for tests of the storage itself: an id and a text, in a table that every database has."""

from __future__ import annotations

from gatepost.storage.database import Database, Reader, Transaction, Work
from gatepost.storage.statement import sql

_ADD = sql("INSERT INTO server_keys (id, fingerprint, first_used_at) VALUES (:id, :text, 0)")
_READ = sql("SELECT id FROM server_keys WHERE id LIKE 'note %' ORDER BY id")
_CHANGE = sql("UPDATE server_keys SET fingerprint = :text WHERE id = :id")
_TEXT = sql("SELECT fingerprint FROM server_keys WHERE id = :id")


async def note(tx: Transaction, name: str, text: str = "") -> None:
    """Add a row."""
    assert await tx.run(_ADD, id=f"note {name}", text=text) == 1


async def change(tx: Transaction, name: str, text: str) -> None:
    """Change a row's text, holding it from then on."""
    assert await tx.run(_CHANGE, id=f"note {name}", text=text) == 1


def note_later(tx: Transaction, name: str, text: str = "") -> None:
    """Add a row before the unit ends."""
    tx.later(_ADD, id=f"note {name}", text=text)


def change_later(tx: Transaction, name: str, text: str) -> None:
    """Change a row's text before the unit ends."""
    tx.later(_CHANGE, id=f"note {name}", text=text)


async def text_of(reader: Reader, name: str) -> str:
    """A row's text."""
    row = await reader.one(_TEXT, id=f"note {name}")
    assert row is not None
    return str(row[0])


async def noted(reader: Reader) -> list[str]:
    """The names of every row."""
    return [row[0].removeprefix("note ") for row in await reader.all(_READ)]


async def kept(database: Database) -> list[str]:
    """What is committed."""
    return await noted(database.reader())


def noting(*names: str) -> Work[None]:
    """A unit that adds these rows."""

    async def work(tx: Transaction) -> None:
        for name in names:
            await note(tx, name)

    return work
