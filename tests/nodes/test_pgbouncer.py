"""PgBouncer in transaction mode: every transaction may run on another connection."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gatepost.app import migrate_database, open_database, system_clock
from gatepost.settings import SettingError, Settings
from gatepost.storage.database import Database, Transaction
from gatepost.storage.migrations import HEAD
from gatepost.storage.postgresql import PostgresqlDatabase
from gatepost.storage.statement import Statement
from tests.conftest import SERVER_KEYS
from tests.support.backstage import OK, rows, said, wrong
from tests.support.codes import roomy_app
from tests.support.engines import TEMPLATE, create_database, drop_database, name_of
from tests.support.notes import kept, note
from tests.support.pooler import SERVER_CONNECTIONS, pgbouncer
from tests.support.world import App, Person, World, new_world

EMAIL = "ann@example.com"
UNITS = 120
_PID = Statement("", "SELECT pg_backend_pid()", ())


@pytest.fixture
def pooled(postgresql: str) -> Iterator[str]:
    """The URL of an empty database behind PgBouncer."""
    url = asyncio.run(create_database(postgresql))
    folder = Path(tempfile.mkdtemp(prefix="gatepost-"))
    folder.chmod(0o755)  # it changes to another user before it reads its settings again
    try:
        with pgbouncer(folder, url) as pooled:
            yield f"{pooled}?prepared_statements=0"
    finally:
        asyncio.run(drop_database(postgresql, name_of(url)))
        shutil.rmtree(folder)


@pytest.fixture
def settings(pooled: str, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url=pooled,
        public_url="http://127.0.0.1",
        server_keys=SERVER_KEYS,
        log_level="error",
    )


@pytest.fixture
async def nodes(settings: Settings) -> AsyncIterator[tuple[World, World]]:
    """Two servers behind the same pooler, migrated through it."""
    database = await open_database(settings, system_clock)
    assert await migrate_database(settings, database)
    assert await database.schema_version() == HEAD
    await database.close()
    async with (
        new_world(settings) as first,
        new_world(settings) as second,
    ):
        yield first, second


async def test_units_and_reads_of_two_nodes_change_connections(
    nodes: tuple[World, World],
) -> None:
    pids: set[int] = set()

    async def unit(database: Database, number: int) -> None:
        async def work(tx: Transaction) -> None:
            before = await tx.one(_PID)
            await note(tx, str(number))
            tx.keep()
            await note(tx, f"{number} again")
            after = await tx.one(_PID)
            assert before is not None and after is not None and before[0] == after[0]
            pids.add(before[0])

        await database.unit(work)
        row = await database.reader().one(_PID)
        assert row is not None
        pids.add(row[0])

    databases = [world.database for world in nodes]
    await asyncio.gather(*(unit(databases[n % 2], n) for n in range(UNITS)))
    assert len(await kept(databases[0])) == 2 * UNITS
    assert 1 < len(pids) <= SERVER_CONNECTIONS


async def test_the_whole_job_over_two_nodes(nodes: tuple[World, World]) -> None:
    first, second = nodes
    app = await roomy_app(first)
    people = [await first.person(f"member-{n}", app) for n in range(12)]
    await asyncio.gather(*(journey(first, second, app, ann, n) for n, ann in enumerate(people)))
    assert len(await rows(second, "SELECT id FROM users WHERE email IS NOT NULL")) == len(people)


async def journey(first: World, second: World, app: App, ann: Person, number: int) -> None:
    email = f"{number}-{EMAIL}"
    assert said(await ann.asks_to_bind(email)) == OK
    elsewhere = Person(second, app, ann.user_id, ann.username, ann.token)
    code = await either_mail(first, second, email)
    assert said(await elsewhere.binds(email, wrong(code))) != OK
    right = await asyncio.gather(ann.binds(email, code), elsewhere.binds(email, code))
    assert sorted(answer["statusCode"] for answer in right)[0] == 200
    assert [said(answer) for answer in right].count(OK) == 1


async def either_mail(first: World, second: World, email: str) -> str:
    """The code in a mail that one of two nodes has sent."""
    waits = {asyncio.create_task(world.code(email)) for world in (first, second)}
    done, late = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in late:
        task.cancel()
    return next(iter(done)).result()


@pytest.mark.parametrize("query", ["prepared_statements=2", "prepared_statements="])
async def test_a_url_says_0_or_1(query: str) -> None:
    with pytest.raises(SettingError, match="GATEPOST_DATABASE_URL is not a URL"):
        await open_database(Settings(database_url=f"postgresql://h/d?{query}"), system_clock)


async def test_the_parameter_is_not_sent_to_the_server(postgresql: str) -> None:
    url = await create_database(postgresql, TEMPLATE)
    database = await PostgresqlDatabase.connect(f"{url}&prepared_statements=1", system_clock)
    assert await database.schema_version() == HEAD
    await database.close()
    await drop_database(postgresql, name_of(url))
