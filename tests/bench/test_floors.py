"""Bare statements by themselves: nothing that is paid once is in their figures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.measure import floors
from bench.measure.accounting import Cost
from bench.measure.tracing import Trace, Unit
from bench.world.bulk import bulk
from gatepost.settings import Settings
from tests.support.engines import create_database, drop_database

PREPARED = "(SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%INTO seen%')"
CONNECTIONS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY pid"
)


@pytest.fixture
def url(postgresql: str) -> Iterator[str]:
    found = asyncio.run(create_database(postgresql, name="floors"))
    bulk(found).each("CREATE TABLE seen (number bigint PRIMARY KEY, prepared bigint)", [()])
    yield found
    asyncio.run(drop_database(postgresql, "floors"))


def writing(number: int, value: str) -> Trace:
    """A trace of one statement, of whose text every second one is another."""
    text = f"INSERT INTO seen SELECT $1, {value}{' + 0' * (number % 2)}"
    return [Unit(False, [(text, [number])])]


def replayed(url: str, traces: list[Trace], callers: int, pid: int | None = None) -> floors.Floor:
    return floors.replayed("write", callers, traces, Settings(database_url=url), pid)


def test_every_statement_is_prepared_before_the_first_is_measured(url: str) -> None:
    found = replayed(url, [writing(number, PREPARED) for number in range(4)], 1)
    assert (found.statements, found.commits) == (1, 1)
    rows = bulk(url).ask("SELECT number, prepared FROM seen ORDER BY number")
    assert rows == [(number, 2) for number in range(4)]


def test_connections_are_open_from_the_first_reading_to_the_last(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def look(_: int) -> Cost:
        with ThreadPoolExecutor(1) as beside:  # the replay has a loop in this thread
            seen.append(beside.submit(bulk(url).ask, CONNECTIONS).result())
        return Cost(0.001 * len(seen))

    monkeypatch.setattr(floors, "cost", look)
    found = replayed(url, [writing(number, "1") for number in range(20)], 3, pid=1)
    assert len(seen) == 2 and seen[0] == seen[1] and len(seen[0]) == 3
    assert found.database_cpu == pytest.approx(1000 / 20)


def test_what_was_run_to_warm_up_leaves_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'floors.db'}"
    bulk(url).each("CREATE TABLE seen (number integer)", [()])
    text = "INSERT INTO seen VALUES (:number)"
    replayed(url, [[Unit(False, [(text, {"number": n})])] for n in range(5)], 2)
    assert bulk(url).ask("SELECT number FROM seen") == [(n,) for n in range(5)]
