"""`gatepost mailbox`."""

from __future__ import annotations

from collections.abc import Sequence

import click
import msgspec

from gatepost.cli.running import with_storage
from gatepost.mail.kept import address_sought, shown
from gatepost.server_keys import ServerKeys
from gatepost.storage import dev_mailbox
from gatepost.storage.database import Database
from gatepost.storage.dev_mailbox import KeptMail


@click.command()
@click.option("--to", "recipient", default="", help="Only mails to this address.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def mailbox(recipient: str, as_json: bool) -> None:
    """What the development mailbox keeps, the newest first."""

    async def work(database: Database, _: ServerKeys) -> Sequence[KeptMail]:
        return await dev_mailbox.newest(database.reader(), address_sought(recipient))

    mails = [shown(mail) for mail in with_storage(work)]
    if as_json:
        click.echo(msgspec.json.encode(mails))
        return
    if not mails:
        click.echo("No mails.")
    for mail in mails:
        click.echo(f"{mail.sent_at}  {mail.to}  {mail.subject}")
