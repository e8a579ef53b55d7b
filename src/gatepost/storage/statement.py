"""An SQL statement, written once and read by both engines.

The texts keep to the tongue that SQLite and PostgreSQL share: `:name` parameters, bigint and
text only, flags as 0 or 1, upserts that name columns with their table, and a CAST around a
parameter that stands outside a column's context.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from gatepost.vocabulary.refusals import Refusal

_NUMBERED = re.compile(r"\$(\d+)")
_PARAMETER = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")
_CHANGE = re.compile(r"\A(?:UPDATE (\w+) SET (.*?) WHERE |DELETE FROM (\w+)|INSERT INTO (\w+))")

_ALL: list[Statement] = []


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A statement in the form each driver wants; made once, by `sql`, when a module loads.

    Where it is left for later, `missed` is what to refuse if it changed no row, and `taken` if a
    unique index said no.
    """

    sqlite: str
    postgresql: str
    names: tuple[str, ...] = field(repr=False)
    missed: type[Refusal] | None = None
    taken: type[Refusal] | None = None

    @property
    def changes(self) -> str | None:
        """The table that it changes; None where it only reads."""
        match = _CHANGE.match(self.postgresql)
        return match and (match[1] or match[3] or match[4])

    @property
    def end(self) -> str | None:
        """What becomes of a row that is there; None where it stays as it is."""
        match = _CHANGE.match(self.sqlite)
        if match is None:
            return None
        if match[4]:
            return self.sqlite.partition(" DO UPDATE ")[2] or None
        return match[2] or match[0]

    def positional(self, parameters: dict[str, Any]) -> list[Any]:
        """The values in the order of PostgreSQL's `$1`, `$2` and so on."""
        return [parameters[name] for name in self.names]


def sql(
    text: str,
    *,
    postgresql: str | None = None,
    missed: type[Refusal] | None = None,
    taken: type[Refusal] | None = None,
) -> Statement:
    """Make a statement; `postgresql` is a second text, for where the shared one will not do."""
    names: list[str] = []

    def numbered(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    translated = _PARAMETER.sub(numbered, postgresql or text)
    statement = Statement(text, translated, tuple(names), missed, taken)
    _ALL.append(statement)
    return statement


@dataclass(frozen=True, slots=True)
class Together:
    """Several statements as one for PostgreSQL: its parameters are theirs, one after the other.

    Where some must not miss, its one row tells, in the order of `missed`, how many rows each of
    them changed.
    """

    text: str
    missed: tuple[type[Refusal], ...]


@lru_cache(maxsize=256)
def together(statements: tuple[Statement, ...]) -> Together:
    """One statement that does what several do, none of which sees the others.

    ValueError where two of them would change one table to different ends: of two changes of one
    row PostgreSQL makes only one.
    """
    _must_agree(statements)
    parts: list[str] = []
    taken = 0
    for statement in statements:
        parts.append(_NUMBERED.sub(partial(_raised, taken), statement.postgresql))
        taken += len(statement.names)
    missed = {n: each.missed for n, each in enumerate(statements) if each.missed is not None}
    # What is counted is done first: another change of the same row, to the same end, comes after.
    counts = ", ".join(f"(SELECT count(*) FROM part_{n})" for n in missed)
    for n in missed:
        parts[n] += " RETURNING 1"
    last = f"SELECT {counts}" if counts else parts.pop()
    named = ", ".join(f"part_{n} AS ({part})" for n, part in enumerate(parts))
    text = f"WITH {named} {last}" if named else last
    return Together(text, tuple(missed.values()))


@dataclass(frozen=True, slots=True)
class Both:
    """Two statements as one for PostgreSQL; `names` are the parameters of both, in order.

    The first column says which of them a row is of, 0 or 1; those of the first come next, then
    those of the second.
    """

    text: str
    names: tuple[str, ...]
    width: int

    def positional(self, parameters: dict[str, Any]) -> list[Any]:
        """The values in the order of `$1`, `$2` and so on."""
        return [parameters[name] for name in self.names]

    def parted(self, rows: Iterable[Any]) -> tuple[list[Any], list[Any]]:
        """The rows of the first and those of the second."""
        parts: tuple[list[Any], list[Any]] = ([], [])
        for row in rows:
            columns = row[1 : 1 + self.width] if row[0] == 0 else row[1 + self.width :]
            parts[row[0]].append(columns)
        return parts


@lru_cache(maxsize=64)
def both(first: Statement, second: Statement) -> Both:
    """One statement that gives the rows of two, of which the second does not see the first.

    The first is done before the second begins: rows are taken hold of in that order.
    """
    one, other = (_width(statement.postgresql) for statement in (first, second))
    later = _NUMBERED.sub(partial(_raised, len(first.names)), second.postgresql)
    text = (
        f"WITH part_0 AS ({first.postgresql}), part_1 AS ({later})"
        f" SELECT 0, part_0.*{', NULL' * other} FROM part_0"
        f" UNION ALL SELECT 1{', NULL' * one}, part_1.* FROM part_1"
    )
    return Both(text, first.names + second.names, one)


def _width(text: str) -> int:
    """How many columns a statement gives that names them plainly."""
    _, returning, names = text.partition(" RETURNING ")
    if not returning:
        names = text.removeprefix("SELECT ").partition(" FROM ")[0]
    if "(" in names:
        raise ValueError(f"not plain columns: {names}")
    return names.count(",") + 1


def _must_agree(statements: tuple[Statement, ...]) -> None:
    ends: dict[str | None, set[str]] = {}
    for statement in statements:
        if statement.end is not None:
            ends.setdefault(statement.changes, set()).add(statement.end)
    for table, different in ends.items():
        if len(different) > 1:
            raise ValueError(f"{table} would be changed to different ends at once")


def _raised(by: int, match: re.Match[str]) -> str:
    return f"${int(match[1]) + by}"


def all_statements() -> list[Statement]:
    """Every statement of the modules loaded so far: a test prepares them on both engines."""
    return list(_ALL)
