"""Where an engine is measured: its databases with their people, and servers over them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load.outside import Outside
from bench.measure.rounds import Ground
from bench.measure.scene import SIGNED_IN_BEFORE, Scene, now
from bench.world.bulk import bulk
from bench.world.foundation import Foundation
from bench.world.people import People
from bench.world.population import settle
from bench.world.server import Server
from gatepost.settings import Settings


@dataclass
class Database:
    """One database with so many users; `seconds` is how long it took to seed."""

    users: int
    url: str
    scene: Scene
    seconds: float


@dataclass
class Site:
    """What an engine's databases have in common.

    `make` makes an empty database by its name and returns its URL.
    """

    foundation: Foundation
    people: People
    folder: Path
    make: Callable[[str], str]
    database_pid: int | None = None

    def database(self, users: int) -> Database:
        """A new database, with everybody in it as they are at home."""
        began = time.perf_counter()
        url = self.make(f"users_{users}")
        self.foundation.lay(url, self.folder)
        people = self._people_of(users)
        settle(bulk(url), self.foundation, people, users, now() - SIGNED_IN_BEFORE)
        scene = Scene(self.foundation, people, bulk(url))
        return Database(users, url, scene, time.perf_counter() - began)

    def _people_of(self, users: int) -> People:
        """As many people as there is room for among so many users."""
        for person in self.people.everybody:
            person.email = person.home
        half = max(1, users // 2)
        return People(self.people.newcomers[:half], self.people.settled[:half])

    @contextmanager
    def serving(self, database: Database, workers: int = 1) -> Iterator[Ground]:
        """A server over a database, and everybody outside."""
        with (
            Outside() as outside,
            Server(
                self.foundation, database.url, self.folder, outside.smtp_port, workers
            ) as server,
        ):
            outside.address = ("127.0.0.1", server.port)
            yield Ground(database.scene, outside, server, self.database_pid)

    def settings(self, database: Database) -> Settings:
        """Settings of a server over a database."""
        return self.foundation.settings(database.url, self.folder)
