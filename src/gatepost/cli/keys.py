"""`gatepost keys`."""

from __future__ import annotations

import asyncio
import secrets

import click

from gatepost.app import open_database, system_clock
from gatepost.cli.running import settings_here, show
from gatepost.credentials.key_store import KeyStore
from gatepost.management.keys import Rotated, rotate_server_keys, rotate_signing_key
from gatepost.server_key_file import load_server_keys, see_that_complete
from gatepost.server_keys import generate


@click.group()
def keys() -> None:
    """Server keys and signing keys."""


@keys.command("new")
def new() -> None:
    """Print a new server key, as it stands in GATEPOST_SERVER_KEYS or its file."""
    click.echo(generate(secrets.token_bytes))


@keys.command()
@click.option(
    "--signing", is_flag=True, help="Also make a new key to sign tokens; old ones still check."
)
def rotate(signing: bool) -> None:
    """Seal everything with the first server key, and say which old ones may go.

    \b
    1. Put the new key second on every node and have it read (SIGHUP).
    2. Put it first, run this, and have it read again on every node.
    3. Run this again: keys that it then calls free may be removed.
    """
    show(asyncio.run(_rotate(signing)), as_json=True)


async def _rotate(signing: bool) -> Rotated:
    settings = settings_here()
    database = await open_database(settings, system_clock)
    try:
        server_keys = load_server_keys(settings, secrets.token_bytes)
        stored = await see_that_complete(database, server_keys)
        rotated = await rotate_server_keys(database, server_keys, stored)
        if signing:
            store = KeyStore(database, server_keys, secrets.token_bytes, settings.issuer)
            await store.open()
            await rotate_signing_key(database, store)
        return rotated
    finally:
        await database.close()
