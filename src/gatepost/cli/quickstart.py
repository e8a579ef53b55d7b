"""`gatepost quickstart`: everything a newcomer needs, made once and found again."""

from __future__ import annotations

import asyncio
import os
import secrets
from pathlib import Path

import click
import msgspec
from msgspec import Struct

from gatepost.app import Application
from gatepost.cli import listening
from gatepost.cli.running import opened_to_serve, settings_here
from gatepost.cli.welcome import welcome
from gatepost.credentials.passwords import Passwords
from gatepost.management.apps import create_app
from gatepost.management.pools import create_pool
from gatepost.management.users import create_user
from gatepost.metrics import port as metrics_port
from gatepost.server_keys import ServerKeys
from gatepost.settings import SettingError, Settings
from gatepost.storage import applications
from gatepost.storage.database import Database
from gatepost.vocabulary.user_pool import PoolSettings

NOTES = "quickstart.json"
FAREWELL_SECONDS = 0.5


class Demo(Struct, frozen=True, rename="camel"):
    """What a newcomer needs to sign in. Secret and password are random for each data folder.

    `url` is where the server was last started.
    """

    user_pool_id: str
    app_id: str
    app_secret: str
    username: str
    password: str
    url: str = ""


@click.command()
def quickstart() -> None:
    """Make a demo pool, app and user, and serve them with a mailbox to read codes in."""
    settings = settings_here()
    if not settings.smtp_url:
        settings = msgspec.structs.replace(settings, dev_mailbox=True)
    _see_that_writable(settings.data_dir)
    listener = listening.listen(settings)
    settings = msgspec.structs.replace(settings, port=listener.getsockname()[1])
    with metrics_port.reserved(settings) as settings:
        demo = asyncio.run(_prepared(settings))
        _note(settings.data_dir / NOTES, msgspec.structs.replace(demo, url=settings.origin))
        listening.leave_in_order()
        click.echo(welcome(settings, demo.app_id, demo.app_secret, demo.username, demo.password))
        listening.run(Application(settings), listener, workers=1, farewell_seconds=FAREWELL_SECONDS)


def _see_that_writable(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise SettingError(f"GATEPOST_DATA_DIR {folder} cannot be written: {reason}") from None


async def _prepared(settings: Settings) -> Demo:
    async with opened_to_serve(settings) as (database, keys):
        return await _found(settings, database) or await _made(settings, database, keys)


async def _found(settings: Settings, database: Database) -> Demo | None:
    """What an earlier start made, if this database still has it."""
    try:
        demo = msgspec.json.decode((settings.data_dir / NOTES).read_bytes(), type=Demo)
    except (OSError, msgspec.DecodeError):
        return None
    return demo if await applications.find(database.reader(), demo.app_id) else None


async def _made(settings: Settings, database: Database, keys: ServerKeys) -> Demo:
    chance = secrets.token_bytes
    special = PoolSettings(allowSpecialUseDomains=True)
    pool = await database.unit(lambda tx: create_pool(tx, keys, chance, "Demo", special))
    pool_id = pool.user_pool_id
    app = await database.unit(lambda tx: create_app(tx, keys, chance, pool_id, "Demo app"))
    password = secrets.token_urlsafe(12)
    hasher = Passwords(chance, threads=1)
    try:
        hashed = await hasher.hash(password)
    finally:
        hasher.close()
    await create_user(database, chance, pool_id, username="ann", password_hash=hashed)
    return Demo(pool_id, app.app_id, app.app_secret, "ann", password)


def _note(path: Path, demo: Demo) -> None:
    """Keep what was made where only its owner can read it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(demo)) + b"\n")
