"""Does the database hold what the operations were said to do? A run that differs has failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bench.world.bulk import Bulk


class Differs(Exception):
    """Rows or mails are not what the operations that were counted must have left."""


@dataclass(frozen=True)
class Check:
    """So many rows must be found by a query."""

    what: str
    query: str
    values: tuple[object, ...]
    expected: int

    def hold(self, bulk: Bulk) -> None:
        """Refuses: Differs."""
        found = bulk.ask(self.query, *self.values)[0][0]
        if found != self.expected:
            raise Differs(f"{self.what}: {found} rows instead of {self.expected}")


def addressed(table: str, column: str, domain: str, expected: int, **fields: str) -> Check:
    """Rows with an address of a run's own domain, and with these fields."""
    query = f"SELECT count(*) FROM {table} WHERE {column} LIKE ?"
    query += "".join(f" AND {name} = ?" for name in fields)
    values = (f"%@{domain}", *fields.values())
    return Check(" ".join((table, *fields.values())), query, values, expected)


def codes_spent(domain: str, expected: int) -> Check:
    """Codes of a run's own domain that were used up."""
    query = "SELECT count(*) FROM verification_codes WHERE email LIKE ? AND spent_at IS NOT NULL"
    return Check("codes spent", query, (f"%@{domain}",), expected)


def kept(table: str, expected: int, **fields: str) -> Check:
    """Rows with these fields."""
    query = f"SELECT count(*) FROM {table} WHERE {' AND '.join(f'{name} = ?' for name in fields)}"
    return Check(" ".join((table, *fields.values())), query, tuple(fields.values()), expected)


def counted(table: str, instant: str, since: int, expected: int, **fields: str) -> Check:
    """Rows that something happened to since an instant, and with these fields."""
    query = f"SELECT count(*) FROM {table} WHERE {instant} >= ?"
    query += "".join(f" AND {name} = ?" for name in fields)
    what = " ".join((table, instant, *fields.values()))
    return Check(what, query, (since, *fields.values()), expected)


def mails_came(bulk: Bulk, since: int, by_domain: Mapping[bytes, int]) -> None:
    """Every mail that was due since an instant went out once, and no other. Refuses: Differs."""
    rows = bulk.ask("SELECT recipient, state FROM outbox WHERE created_at >= ?", since)
    states = Counter(row[1] for row in rows)
    if set(states) - {"sent"}:
        raise Differs(f"not every mail was sent: {dict(states)}")
    due = Counter(str(row[0]).rpartition("@")[2] for row in rows)
    came = Counter({domain.decode(): number for domain, number in by_domain.items()})
    if due != came:
        raise Differs(f"mails that came {dict(came - due)} too many, {dict(due - came)} too few")
