"""`gatepost migrate`."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Cli
from tests.support import engines

KEY = "first:" + "A" * 43 + "="


@pytest.fixture
def empty_postgresql(postgresql: str) -> Iterator[str]:
    url = asyncio.run(engines.create_database(postgresql))
    yield url
    asyncio.run(engines.drop_database(postgresql, engines.name_of(url)))


def test_it_may_be_run_again(cli: Cli) -> None:
    first, second = cli("migrate"), cli("migrate")
    assert (first.status, second.status) == (0, 0)
    assert first.output.startswith("The schema is now at version ")
    assert second.output == first.output.replace("now", "already")


def test_on_postgresql_a_server_wants_it_to_have_been_run(cli: Cli, empty_postgresql: str) -> None:
    how = {"DATABASE_URL": empty_postgresql, "SERVER_KEYS": KEY, "DEV_MAILBOX": "1"}
    line = cli("serve", "--port", "0", **how).refused()
    assert line == "the database's schema is not of this release: run gatepost migrate"
    assert "now at" in cli("migrate", **how).output
    assert "already at" in cli("migrate", **how).output
    assert cli("pool", "create", "Shop", **how).status == 0


def test_on_postgresql_server_keys_are_not_made_by_themselves(
    cli: Cli, empty_postgresql: str
) -> None:
    line = cli("serve", "--port", "0", DATABASE_URL=empty_postgresql, DEV_MAILBOX="1").refused()
    assert line.startswith("GATEPOST_SERVER_KEYS is not set")


def test_a_database_of_a_later_release_is_left_alone(cli: Cli) -> None:
    assert cli("migrate").status == 0
    with sqlite3.connect("gatepost-data/gatepost.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert cli("migrate").refused() == "the database is at version 9999, unknown here"
