"""What every test may ask for."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gatepost.app import migrate_database, open_database, system_clock
from gatepost.credentials.key_store import KeyStore
from gatepost.server_key_file import fit_keys_to_database, load_server_keys
from gatepost.settings import Settings
from tests.support import engines
from tests.support.world import MovableClock, StoppedClock, World, hashed_password, new_world

SERVER_KEYS = f"test:{b64encode(bytes(range(32))).decode()}"


LONG = (
    "web/test_screens.py",
    "mutants/test_mutants.py",
    "model/test_everybody.py",
    "docs/test_blocks.py",
    "bench/test_run.py",
    "timing/test_same_answer.py",
    "races/test_codes.py",
    "api/test_schemathesis.py",
    "cli/test_serve.py",
    "web/test_journeys_in_a_browser.py",
    "races/test_changes.py",
    "cli/test_drain.py",
    "testing/test_emulator.py",
    "cli/test_mail.py",
    "nodes/test_death.py",
    "examples/test_examples.py",
    "examples/test_demo.py",
)
"""The files that take long, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long: whoever gets one last works on alone."""
    ranks = {str(Path(__file__).parent / name): rank for rank, name in enumerate(LONG)}
    items.sort(key=lambda item: ranks.get(str(item.path), len(LONG)))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server with a migrated template database."""
    # Not below pytest's own folder, which another run may clear away.
    with (
        TemporaryDirectory(prefix="gatepost-", dir=engines.IN_MEMORY) as folder,
        engines.postgresql_server(Path(folder) / "postgresql") as url,
    ):
        asyncio.run(_make_template(url))
        yield url


@pytest.fixture(scope="session")
def recycled(postgresql: str) -> engines.Recycled:
    """The PostgreSQL database that tests have one after another."""
    return engines.Recycled(postgresql)


async def _make_template(url: str) -> None:
    await _fill_template(await engines.create_database(url, name=engines.TEMPLATE))


async def _fill_template(url: str) -> None:
    """Bring an empty database to where a first start leaves it: new keys take their time."""
    settings = Settings(database_url=url, server_keys=SERVER_KEYS)
    database = await open_database(settings, system_clock)
    await migrate_database(settings, database)
    keys = load_server_keys(settings, secrets.token_bytes, may_make=True)
    await fit_keys_to_database(database, keys)
    await KeyStore(database, keys, secrets.token_bytes, settings.issuer).open()
    await database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database that has its keys, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(_fill_template(f"sqlite:///{path}"))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database on either engine: a test runs once on each."""
    if request.param == "sqlite":
        path = tmp_path / "gatepost.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    recycled = request.getfixturevalue("recycled")
    yield asyncio.run(recycled.fresh())
    asyncio.run(recycled.clean())


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


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Settings of servers that share a fresh database for all tests of a file."""
    folder: Path = tmp_path_factory.mktemp("shared")
    url, server = f"sqlite:///{folder / 'gatepost.db'}", None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        url = asyncio.run(engines.create_database(server, engines.TEMPLATE))
    yield Settings(
        data_dir=folder,
        database_url=url,
        public_url="http://127.0.0.1",
        server_keys=SERVER_KEYS,
        log_level="error",
    )
    if server:
        asyncio.run(engines.drop_database(server, engines.name_of(url)))


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of the password that everybody has at servers that run by themselves."""
    return hashed_password()


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    """A running server, on each engine."""
    async with new_world(settings) as world:
        yield world


@pytest.fixture
async def still(settings: Settings) -> AsyncIterator[World]:
    """A running server whose time only moves when a test moves it, on each engine."""
    async with new_world(settings, StoppedClock()) as world:
        yield world


@pytest.fixture
def clock() -> MovableClock:
    """A clock to move."""
    return MovableClock()
