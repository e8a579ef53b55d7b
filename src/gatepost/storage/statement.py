"""An SQL statement, written once and read by both engines.

The texts keep to the tongue that SQLite and PostgreSQL share: `:name` parameters, bigint and
text only, flags as 0 or 1, upserts that name columns with their table, and a CAST around a
parameter that stands outside a column's context.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

_NUMBERED = re.compile(r"\$(\d+)")
_PARAMETER = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")

_ALL: list[Statement] = []


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A statement in the form each driver wants; made once, by `sql`, when a module loads."""

    sqlite: str
    postgresql: str
    names: tuple[str, ...] = field(repr=False)

    def positional(self, parameters: dict[str, Any]) -> list[Any]:
        """The values in the order of PostgreSQL's `$1`, `$2` and so on."""
        return [parameters[name] for name in self.names]


def sql(text: str, *, postgresql: str | None = None) -> Statement:
    """Make a statement; `postgresql` is a second text, for where the shared one will not do."""
    names: list[str] = []

    def numbered(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    translated = _PARAMETER.sub(numbered, postgresql or text)
    statement = Statement(text, translated, tuple(names))
    _ALL.append(statement)
    return statement


@lru_cache(maxsize=256)
def together(statements: tuple[Statement, ...]) -> str:
    """One statement for PostgreSQL that does what several do, none of which sees the others.

    Its parameters are theirs, one after the other.
    """
    parts: list[str] = []
    taken = 0
    for statement in statements:
        parts.append(_NUMBERED.sub(partial(_raised, taken), statement.postgresql))
        taken += len(statement.names)
    *others, last = parts
    named = ", ".join(f"part_{place} AS ({part})" for place, part in enumerate(others))
    return f"WITH {named} {last}" if named else last


def _raised(by: int, match: re.Match[str]) -> str:
    return f"${int(match[1]) + by}"


def all_statements() -> list[Statement]:
    """Every statement of the modules loaded so far: a test prepares them on both engines."""
    return list(_ALL)
