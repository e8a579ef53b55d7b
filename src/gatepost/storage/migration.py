"""Bring the schema to the version this release works with."""

from __future__ import annotations

import io
from pathlib import Path

from gatepost.storage.database import Database
from gatepost.storage.migrations import HEAD

EMPTY_SQLITE = Path(__file__).parent / "migrations" / "empty_sqlite.sql"
"""What Alembic writes for an empty SQLite database; `python -m gatepost.storage.migration`
writes it anew."""


class SchemaTooNew(Exception):
    """The database was made by a later release."""


async def migrate(database: Database, dialect: str) -> bool:
    """Run what is missing, once, however many processes start together.

    Says whether there was anything to do.
    """
    changed = False
    while (version := await database.schema_version()) != HEAD:
        changed = await database.run_script(version, script(dialect, version)) or changed
    return changed


def script(dialect: str, version: str | None) -> str:
    """The SQL that leads from a version (None: an empty database) to HEAD.

    What a first start on SQLite runs was written out before: loading Alembic would take more
    than half of such a start.
    """
    if (dialect, version) == ("sqlite", None):
        return EMPTY_SQLITE.read_text(encoding="utf-8")
    return written(dialect, version)


def written(dialect: str, version: str | None) -> str:
    """The same as Alembic writes it, which is loaded here and only here."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    output = io.StringIO()
    config = Config(output_buffer=output, attributes={"dialect": dialect})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        command.upgrade(config, f"{version or 'base'}:{HEAD}", sql=True)
    except CommandError as error:
        raise SchemaTooNew(f"the database is at version {version}, unknown here") from error
    return output.getvalue()


if __name__ == "__main__":
    EMPTY_SQLITE.write_text(written("sqlite", None), encoding="utf-8")
