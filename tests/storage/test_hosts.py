"""A database that is on one of several servers, some of which do not do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from gatepost.app import open_database, system_clock
from gatepost.settings import SettingError, Settings
from gatepost.storage.hosts import Hosts
from gatepost.storage.postgresql import ACQUIRE_SECONDS, PostgresqlDatabase
from tests.support.doorway import Doorway
from tests.support.engines import TEMPLATE, create_database, drop_database, name_of
from tests.support.notes import kept, noting


class Silence:
    """A server that takes every connection in and never says a word."""

    def __init__(self) -> None:
        self.asked = 0
        self._end = asyncio.Event()
        self.place = ""

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[Silence]:
        server = await asyncio.start_server(self._keep, "127.0.0.1")
        self.place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield self
        self._end.set()
        server.close()

    async def _keep(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        await self._end.wait()
        writer.close()


@pytest.fixture
async def silence() -> AsyncIterator[Silence]:
    async with Silence().kept() as silence:
        yield silence


@pytest.fixture
async def alive(postgresql: str) -> AsyncIterator[str]:
    """The URL of a migrated database on a server that listens on loopback."""
    url = await create_database(postgresql, TEMPLATE)
    door = Doorway(url)
    yield await door.open()
    await door.shut()
    await drop_database(postgresql, name_of(url))


def after(place: str, url: str) -> str:
    """The same URL with another host before its own."""
    return url.replace("@", f"@{place},")


async def test_a_silent_host_does_not_use_up_the_time_of_the_next(
    silence: Silence, alive: str
) -> None:
    async with asyncio.timeout(ACQUIRE_SECONDS):
        database = await PostgresqlDatabase.connect(after(silence.place, alive), system_clock)
    await database.unit(noting("one"))
    assert await kept(database) == ["one"]
    await database.close()


async def test_who_did_the_last_time_is_asked_first(silence: Silence, alive: str) -> None:
    database = await PostgresqlDatabase.connect(after(silence.place, alive), system_clock)
    together = asyncio.Barrier(3)

    async def meeting(tx: object) -> None:
        await together.wait()

    await asyncio.gather(*(database.unit(meeting) for _ in range(together.parties)))
    assert silence.asked == 1
    await database.close()


async def test_that_no_host_takes_writes_is_told_in_one_line(silence: Silence, alive: str) -> None:
    hosts = after(urlsplit(alive).netloc.rpartition("@")[2], alive)
    for url in (hosts, after(silence.place, alive)):
        settings = Settings(database_url=f"{url}?target_session_attrs=standby")
        with pytest.raises(SettingError) as refused:
            await open_database(settings, system_clock)
        (line,) = str(refused.value).splitlines()
        assert line.startswith("GATEPOST_DATABASE_URL cannot be connected to: no host")


async def test_that_nobody_answers_is_told(silence: Silence) -> None:
    url = f"postgresql://postgres@{silence.place},{silence.place}/gatepost"
    with pytest.raises(SettingError, match="nobody answers there"):
        await open_database(Settings(database_url=url), system_clock)


@pytest.mark.parametrize(
    ("url", "urls"),
    [
        ("postgresql://u:p@a/d", ["postgresql://u:p@a/d"]),
        (
            "postgresql://u:p%40@a,b:5433,[::1]:1/d?sslmode=require",
            [
                "postgresql://u:p%40@a/d?sslmode=require",
                "postgresql://u:p%40@b:5433/d?sslmode=require",
                "postgresql://u:p%40@[::1]:1/d?sslmode=require",
            ],
        ),
        (
            "postgresql:///d?host=a,b&port=1,2",
            ["postgresql:/d?host=a&port=1", "postgresql:/d?host=b&port=2"],
        ),
        (
            "postgresql:///d?host=a,b&port=7&prepared_statements=0",
            ["postgresql:/d?host=a&port=7", "postgresql:/d?host=b&port=7"],
        ),
        (
            "postgresql://a,b/d?target_session_attrs=prefer-standby",
            ["postgresql://a,b/d?target_session_attrs=prefer-standby"],
        ),
    ],
)
def test_each_host_has_a_url_of_its_own(url: str, urls: list[str]) -> None:
    assert Hosts(url, 1).urls == urls


def test_only_of_several_hosts_the_primary_is_looked_for() -> None:
    assert Hosts("postgresql://u:a,b@one/d", 1).options == {}
    assert Hosts("postgresql://one,two/d", 1).options == {"target_session_attrs": "read-write"}
    assert Hosts("postgresql://one,two/d?target_session_attrs=any", 1).options == {}


async def test_ports_that_are_not_as_many_as_hosts_are_a_mistake() -> None:
    settings = Settings(database_url="postgresql:///d?host=a,b,c&port=1,2")
    with pytest.raises(SettingError, match="is not a URL that PostgreSQL reads"):
        await open_database(settings, system_clock)
