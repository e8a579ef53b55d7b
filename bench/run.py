"""A run: the people, then one engine after the other."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.measure.scene import now
from bench.plan import Plan
from bench.progress import say
from bench.report.results import Engine, Run, this_machine, today
from bench.site import Site
from bench.stage import Stage
from bench.world.bulk import bulk
from bench.world.disk import Disk
from bench.world.foundation import RAISED, Foundation, founded
from bench.world.people import People, gathered
from bench.world.postgresql import postgresql
from gatepost import __version__


def run(plan: Plan, folder: Path, keep: Callable[[Run], object] = lambda _: None) -> Run:
    """Measure what a plan says, in a folder for the databases. Raises Failed and Differs.

    What there is after each engine is handed to `keep`, so that it is not lost if the next fails.
    """
    say(f"making {plan.newcomers + plan.settled:,} callers and their tokens")
    foundation = founded(folder)
    people = gathered(foundation, plan.newcomers, plan.settled, now() // 1000 - 60)
    found = Run(
        finished_at=today(),
        release=__version__,
        machine=this_machine(),
        disk=Disk.of(folder),
        raised=dict(RAISED),
        plan=plan,
        engines=[],
    )
    for engine in plan.engines:
        with _site(engine, foundation, people, folder) as (site, version):
            result = Stage(plan, site, Engine(engine=engine, version=version)).run()
        result.finished_at = found.finished_at = today()
        found.engines.append(result)
        keep(found)
    return found


@contextmanager
def _site(
    engine: str, foundation: Foundation, people: People, folder: Path
) -> Iterator[tuple[Site, str]]:
    place = folder / engine
    place.mkdir()
    if engine == "sqlite":
        site = Site(foundation, people, place, lambda name: f"sqlite:///{place / name}.db")
        yield site, sqlite3.sqlite_version
        return
    with postgresql(place / "server") as server:
        version = str(bulk(server.url).ask("SHOW server_version")[0][0])
        yield Site(foundation, people, place, server.database, server.pid), version
