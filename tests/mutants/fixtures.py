"""What the tests of a mutant need, on SQLite and as little of it as will do.

Loaded in place of every conftest.py, and filled by `prepare` once, before the runs are forked:
a run then takes a fraction of a second.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sqlite3
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gatepost.app import migrate_database, open_database, system_clock
from gatepost.credentials.key_store import KeyStore
from gatepost.server_key_file import fit_keys_to_database, load_server_keys
from gatepost.settings import Settings
from gatepost.storage.migration import script
from gatepost.storage.sqlite import SqliteDatabase
from tests.support.code_bench import CodeBench
from tests.support.code_bench import StoppedClock as BenchClock
from tests.support.world import StoppedClock, World, new_world

SERVER_KEYS = f"test:{b64encode(bytes(range(32))).decode()}"

_ready: dict[str, str] = {}


def prepare(folder: Path) -> None:
    """Make what every run needs and none changes."""
    path = folder / "template.db"
    asyncio.run(_fill(f"sqlite:///{path}"))
    _ready.update(template=str(path), schema=script("sqlite", None))


async def _fill(url: str) -> None:
    settings = Settings(database_url=url, server_keys=SERVER_KEYS)
    database = await open_database(settings, system_clock)
    await migrate_database(settings, database)
    keys = load_server_keys(settings, secrets.token_bytes, may_make=True)
    await fit_keys_to_database(database, keys)
    await KeyStore(database, keys, secrets.token_bytes, settings.issuer).open()
    await database.close()


def change_schema(old: str, new: str) -> None:
    """Let the database of this run have been made by another script: without an index, say."""
    changed = _ready["schema"].replace(old, new)
    assert changed != _ready["schema"], "the script does not say that"
    name, path = old.split()[-1], f"{_ready['template']}.changed"
    _ready["template"] = shutil.copyfile(_ready["template"], path)
    with sqlite3.connect(_ready["template"]) as connection:
        statement = next(part for part in changed.split(";") if f"{name} ON" in part)
        connection.execute(f"DROP INDEX {name}")
        connection.execute(statement)
    connection.close()


@pytest.fixture(params=["sqlite"])
def database_url(tmp_path: Path) -> str:
    path = tmp_path / "gatepost.db"
    shutil.copyfile(_ready["template"], path)
    return f"sqlite:///{path}"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        public_url="http://127.0.0.1",
        server_keys=SERVER_KEYS,
        log_level="error",
    )


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    async with new_world(settings) as world:
        yield world


@pytest.fixture
async def still(settings: Settings) -> AsyncIterator[World]:
    async with new_world(settings, StoppedClock()) as world:
        yield world


@pytest.fixture
async def bench(database_url: str) -> AsyncIterator[CodeBench]:
    clock = BenchClock()
    database = SqliteDatabase(Path(database_url.removeprefix("sqlite:///")), clock)
    yield CodeBench(database, clock)
    await database.close()
