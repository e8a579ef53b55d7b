"""The pooler's settings that are handed out, with a real PgBouncer before a real PostgreSQL."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gatepost.app import migrate_database, open_database, system_clock
from gatepost.settings import Settings
from tests.support.engines import create_database, drop_database, name_of
from tests.support.notes import kept, noting
from tests.support.pooler import free_port, running

CONFIG = Path(__file__).parents[2] / "deploy" / "pgbouncer.ini"
PASSWORD = "a-password-of-the-pooler"


@pytest.fixture
def pooled(postgresql: str) -> Iterator[str]:
    """The URL of an empty database behind PgBouncer with the settings of deploy/, but for where
    things are."""
    url = asyncio.run(create_database(postgresql))
    folder = Path(tempfile.mkdtemp(prefix="gatepost-"))
    folder.chmod(0o755)  # it changes to another user before it reads its settings again
    users = folder / "userlist.txt"
    users.write_text(f'"postgres" "{PASSWORD}"\n')
    place = parse_qs(urlsplit(url).query)["host"][0]
    port = free_port()
    text = CONFIG.read_text()
    places = {
        "host=postgres port=5432 dbname=gatepost": f"host={place} port=5432 dbname={name_of(url)}",
        "listen_addr = 0.0.0.0": "listen_addr = 127.0.0.1",
        "listen_port = 6432": f"listen_port = {port}",
        "/etc/pgbouncer/userlist.txt": str(users),
    }
    for written, meant in places.items():
        assert text.count(written) == 1
        text = text.replace(written, meant)
    try:
        with running(folder, text, port, place):
            yield f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/gatepost"
    finally:
        asyncio.run(drop_database(postgresql, name_of(url)))
        shutil.rmtree(folder)


async def test_a_node_works_through_it(pooled: str) -> None:
    settings = Settings(database_url=f"{pooled}?prepared_statements=0")
    database = await open_database(settings, system_clock)
    assert await migrate_database(settings, database)
    await asyncio.gather(*(database.unit(noting(str(n))) for n in range(20)))
    assert len(await kept(database)) == 20
    await database.close()
