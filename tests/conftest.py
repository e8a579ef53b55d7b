"""What every test may ask for."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gatepost.app import migrate_database, open_database, system_clock
from gatepost.settings import Settings
from tests.support import engines
from tests.support.world import MovableClock, World, hashed_password, new_world

SERVER_KEYS = f"test:{b64encode(bytes(range(32))).decode()}"


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server with a migrated template database."""
    with engines.postgresql_server(tmp_path_factory.mktemp("postgresql")) as url:
        asyncio.run(_make_template(url))
        yield url


async def _make_template(url: str) -> None:
    target = await engines.create_database(url, name=engines.TEMPLATE)
    settings = Settings(database_url=target)
    database = await open_database(settings, system_clock)
    await migrate_database(settings, database)
    await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database on either engine: a test runs once on each."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'gatepost.db'}"
        return
    server = request.getfixturevalue("postgresql")
    url = asyncio.run(engines.create_database(server, engines.TEMPLATE))
    yield url
    asyncio.run(engines.drop_database(server, engines.name_of(url)))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a server in this test's folder."""
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        public_url="http://127.0.0.1",
        server_keys=SERVER_KEYS,
        log_level="error",
    )


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of the password that everybody has in tests."""
    return hashed_password()


@pytest.fixture
async def world(settings: Settings, password_hash: str) -> AsyncIterator[World]:
    """A running server, on each engine."""
    async with new_world(settings, password_hash) as world:
        yield world


@pytest.fixture
def clock() -> MovableClock:
    """A clock to move."""
    return MovableClock()
