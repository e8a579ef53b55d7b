"""`gatepost keys`."""

from __future__ import annotations

import asyncio
import secrets

import click

from gatepost.app import open_database, system_clock
from gatepost.cli.running import settings_here, show
from gatepost.credentials.key_store import KeyStore
from gatepost.management.keys import Rotated, rotate_server_keys
from gatepost.server_key_file import load_server_keys
from gatepost.server_keys import generate

LONGEST_TOKEN_SECONDS = 14 * 86_400


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

    First put the new key second on every node and have it read (SIGHUP); then first, and run
    this.
    """
    show(asyncio.run(_rotate(signing)), as_json=True)


async def _rotate(signing: bool) -> Rotated:
    settings = settings_here()
    server_keys = load_server_keys(settings, secrets.token_bytes)
    database = await open_database(settings, system_clock)
    try:
        rotated = await rotate_server_keys(database, server_keys)
        if signing:
            store = KeyStore(database, server_keys, secrets.token_bytes, settings.issuer)
            await store.open()
            await store.rotate_signing_key(LONGEST_TOKEN_SECONDS)
        return rotated
    finally:
        await database.close()
