"""The types of each engine: SQLite's strict tables know bigint as INTEGER."""

from __future__ import annotations


def in_dialect(statement: str, dialect: str) -> str:
    """A statement that was written for PostgreSQL, as the engine wants it."""
    if dialect != "sqlite":
        return statement
    strict = " STRICT" if statement.startswith("CREATE TABLE") else ""
    return statement.replace(" bigint", " INTEGER").replace(" text", " TEXT") + strict
