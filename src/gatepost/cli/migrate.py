"""`gatepost migrate`."""

from __future__ import annotations

import asyncio

import click

from gatepost.app import migrate_database, open_database, system_clock
from gatepost.cli.running import settings_here
from gatepost.storage.migrations import HEAD


@click.command()
def migrate() -> None:
    """Bring the database's schema to this release. Safe to run at any time, by any number."""

    async def run() -> bool:
        settings = settings_here()
        database = await open_database(settings, system_clock)
        try:
            return await migrate_database(settings, database)
        finally:
            await database.close()

    changed = asyncio.run(run())
    click.echo(f"The schema is {'now' if changed else 'already'} at version {HEAD}.")
