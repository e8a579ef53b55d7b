"""The schema: made once, however many start together, and never by an older release."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import gatepost.storage
from gatepost.app import migrate_database, open_database, system_clock
from gatepost.settings import Settings
from gatepost.storage.migration import EMPTY_SQLITE, SchemaTooNew, written
from gatepost.storage.migrations import HEAD
from gatepost.storage.statement import Statement
from tests.support.engines import create_database, drop_database, name_of
from tests.support.process import command, environment


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an empty database on either engine."""
    if request.param == "sqlite":
        yield Settings(database_url=f"sqlite:///{tmp_path / 'empty.db'}")
        return
    server = request.getfixturevalue("postgresql")
    url = asyncio.run(create_database(server))
    yield Settings(database_url=url)
    asyncio.run(drop_database(server, name_of(url)))


def test_head_is_alembics_head() -> None:
    config = Config()
    folder = Path(gatepost.storage.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_what_a_first_start_runs_is_what_alembic_writes() -> None:
    told = "run `python -m gatepost.storage.migration` after a change of the schema"
    assert EMPTY_SQLITE.read_text(encoding="utf-8") == written("sqlite", None), told


async def test_a_second_migration_finds_nothing_to_do(empty: Settings) -> None:
    database = await open_database(empty, system_clock)
    assert await database.schema_version() is None
    assert await migrate_database(empty, database) is True
    assert await database.schema_version() == HEAD
    assert await migrate_database(empty, database) is False
    await database.close()


async def test_of_many_at_once_one_does_it(empty: Settings) -> None:
    databases = [await open_database(empty, system_clock) for _ in range(4)]
    changed = await asyncio.gather(*(migrate_database(empty, database) for database in databases))
    assert sorted(changed) == [False, False, False, True]
    for database in databases:
        assert await database.schema_version() == HEAD
        await database.close()


def test_two_processes_may_migrate_at_once(empty: Settings, tmp_path: Path) -> None:
    env = environment(tmp_path, DATABASE_URL=empty.database)
    with ThreadPoolExecutor(2) as both:
        said = list(both.map(lambda _: command(tmp_path, env, "migrate"), range(2)))
    assert sorted(said) == [
        f"The schema is already at version {HEAD}.\n",
        f"The schema is now at version {HEAD}.\n",
    ]


async def test_the_database_of_a_later_release_is_left_alone(empty: Settings) -> None:
    database = await open_database(empty, system_clock)
    await migrate_database(empty, database)
    text = "UPDATE alembic_version SET version_num = '9999'"
    await database.unit(lambda tx: tx.run(Statement(text, text, ())))
    with pytest.raises(SchemaTooNew, match="9999"):
        await migrate_database(empty, database)
    assert await database.schema_version() == "9999"
    await database.close()


async def test_a_script_that_fails_leaves_nothing_behind(empty: Settings) -> None:
    database = await open_database(empty, system_clock)
    with pytest.raises(Exception, match="nowhere"):
        await database.run_script(
            None, "CREATE TABLE half (id text);\nINSERT INTO nowhere VALUES (1);\n"
        )
    assert await migrate_database(empty, database) is True
    with pytest.raises(Exception, match="half"):
        await database.reader().all(Statement("SELECT * FROM half", "SELECT * FROM half", ()))
    await database.close()
