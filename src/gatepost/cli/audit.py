"""`gatepost audit`."""

from __future__ import annotations

import re
import secrets
import sys
from collections.abc import Sequence

import click
import msgspec
from msgspec import Struct

from gatepost.audit.verifying import Verified
from gatepost.audit.verifying import verify as verified
from gatepost.cli.running import with_storage
from gatepost.credentials.key_store import read_audit_keys
from gatepost.server_keys import ServerKeys
from gatepost.storage import audit_log
from gatepost.storage.audit_log import AuditRow
from gatepost.storage.database import Database
from gatepost.vocabulary.fields import iso

_HEAD = re.compile(r"[0-9]+:[0-9a-f]*")


class ShownEvent(Struct, rename="camel"):
    """An event of the audit log, fit for a screen."""

    id: str
    at: str | None
    event: str
    success: bool
    times: int
    refusal: str | None
    api_code: int | None
    detail: str | None
    user_id: str | None
    app_id: str | None
    user_pool_id: str
    client_address: str | None
    user_agent: str | None
    request_id: str | None
    sealed: bool


@click.group()
def audit() -> None:
    """What happened to whom, and whether the record of it can be believed."""


@audit.command()
@click.option("--expect", default="", metavar="HEAD", help="The head that an earlier run named.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def verify(expect: str, as_json: bool) -> None:
    """Find rows and seals of the audit log that were altered, added or removed.

    A line for each; exit status 1 if there is any. Keep the head somewhere else and expect it
    of the next run: only so is a database found that was put back to an earlier state.
    """
    if expect and not _HEAD.fullmatch(expect):
        raise click.BadParameter("a head reads NUMBER:DIGEST", param_hint="--expect")

    async def work(database: Database, keys: ServerKeys) -> Verified:
        audit_keys = await read_audit_keys(database.reader(), keys, secrets.token_bytes)
        return await verified(database, audit_keys, expect)

    found = with_storage(work)
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        for finding in found.findings:
            click.echo(finding)
        click.echo(_summary(found))
    if found.findings:
        sys.exit(1)


@audit.command("list")
@click.option("--user", "user_id", default="", metavar="ID", help="Only events of this user.")
@click.option("--most", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def list_events(user_id: str, most: int, as_json: bool) -> None:
    """What happened, the newest first."""

    async def work(database: Database, _: ServerKeys) -> Sequence[AuditRow]:
        return await audit_log.newest(database.reader(), user_id, most)

    events = [_shown(row) for row in with_storage(work)]
    if as_json:
        click.echo(msgspec.json.encode(events))
        return
    if not events:
        click.echo("No events.")
    for event in events:
        click.echo(_line(event))


def _summary(found: Verified) -> str:
    outcome = f"{len(found.findings)} findings" if found.findings else "nothing was tampered with"
    removed = f", rows of {found.emptied} removed by retention" if found.emptied else ""
    return (
        f"{outcome}: {found.rows} rows, {found.unsealed} of them not sealed yet,"
        f" {found.seals} seals{removed}; head {found.head}"
    )


def _shown(row: AuditRow) -> ShownEvent:
    event = row.event
    return ShownEvent(
        id=event.id,
        at=iso(row.at),
        event=event.event,
        success=bool(event.succeeded),
        times=event.times,
        refusal=event.refusal,
        api_code=event.api_code,
        detail=event.detail,
        user_id=event.user_id,
        app_id=event.app_id,
        user_pool_id=event.user_pool_id,
        client_address=event.client_address,
        user_agent=event.user_agent,
        request_id=event.request_id,
        sealed=row.seal is not None,
    )


def _line(event: ShownEvent) -> str:
    outcome = "done" if event.success else event.refusal or "refused"
    times = f"×{event.times}" if event.times > 1 else ""
    who = (event.user_id or "nobody known", event.client_address, event.detail)
    line = "  ".join(word for word in (event.at, event.event, outcome, times, *who) if word)
    return "".join(character for character in line if character.isprintable())
