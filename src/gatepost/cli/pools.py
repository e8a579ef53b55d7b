"""`gatepost pool`."""

from __future__ import annotations

import secrets

import click

from gatepost.cli.running import changes_of, show, with_storage
from gatepost.management.pools import create_pool, set_pool


@click.group()
def pool() -> None:
    """Make user pools and change their settings."""


@pool.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def create(name: str, as_json: bool) -> None:
    """Make a pool. Its access key secret is shown this once."""
    new = with_storage(
        lambda database, keys: database.unit(
            lambda tx: create_pool(tx, keys, secrets.token_bytes, name)
        )
    )
    show(new, as_json)


@pool.command("set")
@click.argument("pool_id", metavar="ID")
@click.argument("pairs", metavar="KEY=VALUE", nargs=-1, required=True)
def set_settings(pool_id: str, pairs: tuple[str, ...]) -> None:
    """Change settings of a pool and print all of them.

    Nested settings are written with a dot: changeEmailStrategy.verifyOldEmail=false
    """
    changes = changes_of(pairs)
    settings = with_storage(
        lambda database, _: database.unit(lambda tx: set_pool(tx, pool_id, changes))
    )
    show(settings, as_json=True)
