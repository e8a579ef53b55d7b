"""`gatepost app`."""

from __future__ import annotations

import secrets

import click

from gatepost.cli.running import changes_of, show, with_storage
from gatepost.management.apps import create_app, set_app
from gatepost.vocabulary.application import ClientAuth


@click.group()
def app() -> None:
    """Make apps and change their settings."""


@app.command()
@click.argument("name")
@click.option("--pool", "pool_id", required=True, help="The pool that the app belongs to.")
@click.option(
    "--client-auth",
    type=click.Choice([method.value for method in ClientAuth]),
    default=ClientAuth.SECRET_POST.value,
    show_default=True,
    help="How the app proves itself at sign-in.",
)
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="May be given often.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def create(
    name: str, pool_id: str, client_auth: str, redirect_uris: tuple[str, ...], as_json: bool
) -> None:
    """Make an app. Its secret is shown this once."""
    new = with_storage(
        lambda database, keys: database.unit(
            lambda tx: create_app(
                tx,
                keys,
                secrets.token_bytes,
                pool_id,
                name,
                ClientAuth(client_auth),
                redirect_uris,
            )
        )
    )
    show(new, as_json)


@app.command("set")
@click.argument("app_id", metavar="ID")
@click.argument("pairs", metavar="KEY=VALUE", nargs=-1, required=True)
def set_settings(app_id: str, pairs: tuple[str, ...]) -> None:
    """Change settings of an app and print all of them."""
    changes = changes_of(pairs)
    settings = with_storage(
        lambda database, _: database.unit(lambda tx: set_app(tx, app_id, changes))
    )
    show(settings, as_json=True)
