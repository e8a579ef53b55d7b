"""One operation measured once: prepare, warm, run, see that it is true."""

from __future__ import annotations

from dataclasses import dataclass

from bench.load.job import Job, Outcome
from bench.load.outside import Outside
from bench.measure.accounting import Cost, cost
from bench.measure.figures import Figures, figures
from bench.measure.operations import GetProfile, Operation
from bench.measure.scene import Scene, now
from bench.world.server import Server

NOTHING = Cost(0.0)


@dataclass
class Ground:
    """A running server with everything around it. `database_pid` is PostgreSQL's."""

    scene: Scene
    outside: Outside
    server: Server
    database_pid: int | None

    def spent(self) -> tuple[Cost, Cost]:
        """What the server and its database have cost so far."""
        return cost(self.server.pid), cost(self.database_pid) if self.database_pid else NOTHING


def measured(
    ground: Ground, kind: type[Operation], concurrency: int, seconds: float, most: int
) -> Figures:
    """Run an operation for some seconds, or until `most` people (or fewer, as it says) have.

    Raises Failed and Differs.
    """
    people = ground.scene.take(kind.kind, max(concurrency, int(most * kind.share)))
    operation = kind(ground.scene, people)
    flows = operation.flows()
    if operation.token_is_known:
        ground.outside.warm(GetProfile(ground.scene, people).flows())
    ground.outside.load(Job(flows, concurrency, seconds))
    since, before = now(), ground.spent()
    ground.outside.go()
    outcome = ground.outside.outcome()
    after = ground.spent()
    for check in operation.checks(outcome.done, since):
        check.hold(ground.scene.bulk)
    operation.note(outcome.done)
    return _figures(kind.name, concurrency, outcome, before, after)


def _figures(
    name: str,
    concurrency: int,
    outcome: Outcome,
    before: tuple[Cost, Cost],
    after: tuple[Cost, Cost],
) -> Figures:
    return figures(
        name,
        concurrency,
        outcome.latencies,
        outcome.seconds,
        server_seconds=after[0].since(before[0]),
        database_seconds=after[1].since(before[1]),
        client_seconds=outcome.client_seconds,
    )
