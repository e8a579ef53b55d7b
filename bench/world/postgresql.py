"""A PostgreSQL of the benchmark's own, durable as its defaults are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.world.bulk import bulk
from tests.support.engines import create_database, postgresql_server

DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


class Postgresql:
    """A server with any number of databases; `pid` is its first process."""

    def __init__(self, url: str, pid: int) -> None:
        self.url = url
        self.pid = pid

    def database(self, name: str) -> str:
        """Make an empty database; returns its URL."""
        return asyncio.run(create_database(self.url, name=name))


@contextmanager
def postgresql(folder: Path) -> Iterator[Postgresql]:
    """Run the server. RuntimeError where it would answer before data are on the disk."""
    with postgresql_server(folder) as url:
        for setting in DURABLE:
            if (value := bulk(url).ask(f"SHOW {setting}")[0][0]) != "on":
                raise RuntimeError(f"PostgreSQL runs with {setting} = {value}")
        pid = int((folder / "postmaster.pid").read_text().split()[0])
        yield Postgresql(url, pid)
