"""What commands share: the settings of this folder, a coroutine run to its end, output."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from gatepost.app import opened, sender_of, transport_of
from gatepost.server_keys import ServerKeys
from gatepost.settings import SettingError, Settings, load_settings
from gatepost.storage.database import Database

T = TypeVar("T")


def settings_here() -> Settings:
    """The settings of a command started in this folder. Raises SettingError."""
    return load_settings(os.environ, Path.cwd())


@asynccontextmanager
async def opened_to_serve(settings: Settings) -> AsyncIterator[tuple[Database, ServerKeys]]:
    """Storage as `opened` gives it, after a look at what only a server needs: a way out for mails.

    Raises SettingError, before anything is said to be running.
    """
    sender_of(settings)
    async with opened(settings) as (database, keys):
        await transport_of(settings, database).close()
        yield database, keys


def with_storage(work: Callable[[Database, ServerKeys], Awaitable[T]]) -> T:
    """Run something that needs the database and the server keys."""

    async def run() -> T:
        async with opened(settings_here()) as (database, keys):
            return await work(database, keys)

    return asyncio.run(run())


def show(value: object, as_json: bool) -> None:
    """Print an answer: as JSON for programs, a line a field for people."""
    if as_json:
        click.echo(msgspec.json.encode(value))
        return
    for name, field in msgspec.to_builtins(value).items():
        click.echo(f"{name}: {'' if field is None else field}")


def changes_of(pairs: tuple[str, ...]) -> dict[str, str]:
    """`KEY=VALUE` arguments. Raises SettingError for another shape."""
    changes: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise SettingError(f"{pair} is not of the form KEY=VALUE")
        changes[name.strip()] = value
    return changes
