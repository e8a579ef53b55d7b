"""The rounds of a run, brought together."""

from __future__ import annotations

from collections.abc import Iterable

from bench.measure.addresses import BindEmail, Journey, SendEmail, UpdateEmail
from bench.measure.entering import Refresh, SignIn, SignInByCode
from bench.measure.figures import Figures, Spread
from bench.measure.floors import Floor
from bench.measure.operations import GetProfile, GetProfileFirst, Nothing, Operation
from bench.measure.others import OTHERS
from bench.report.results import Engine, Run

ORDER: tuple[type[Operation], ...] = (
    Nothing, GetProfile, GetProfileFirst, SendEmail, BindEmail, Journey, UpdateEmail,
    SignInByCode, Refresh, SignIn,
)  # fmt: skip
SIZED: tuple[type[Operation], ...] = (BindEmail, GetProfile)
"""Measured among several numbers of users."""
TITLES = {kind.name: kind.title for kind in ORDER}
OTHER_TITLES = {kind.name: kind.title for kind in OTHERS}
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

MEASURES = ("rate", "p50", "p99", "p999", "server_cpu", "database_cpu")


class Missing(LookupError):
    """Nothing of the kind was measured."""


def spread(rounds: Iterable[Figures], operation: str, at_once: int, measure: str) -> Spread:
    """One measure of an operation over all its rounds, if each has it. Raises Missing.

    Rounds of fewer calls are the slow ones: without them the others would flatter.
    """
    values = [
        getattr(figures, measure)
        for figures in rounds
        if (figures.operation, figures.concurrency) == (operation, at_once)
    ]
    if not values or None in values:
        raise Missing(f"{operation} at {at_once}")
    return Spread.of(values)


def median(rounds: Iterable[Figures], operation: str, at_once: int, measure: str) -> float:
    """The same, its median only. Raises Missing."""
    return spread(rounds, operation, at_once, measure).median


def measured(rounds: Iterable[Figures]) -> list[tuple[str, int]]:
    """The operations and concurrencies that were measured, in the order of the report."""
    found = {(figures.operation, figures.concurrency) for figures in rounds}
    order = list(TITLES)
    return sorted(found, key=lambda key: (order.index(key[0]), key[1]))


def floor_of(engine: Engine, operation: str, at_once: int) -> Floor | None:
    """The bare statements of an operation; those of the journey are those of its two steps."""
    if operation == Journey.name:
        steps = [floor_of(engine, kind.name, at_once) for kind in (SendEmail, BindEmail)]
        first, second = steps
        return _sum(first, second) if first and second else None
    wanted = GetProfile.name if operation == GetProfileFirst.name else operation
    for floor in engine.floors:
        if (floor.operation, floor.concurrency) == (wanted, at_once):
            return floor
    return None


def _sum(first: Floor, second: Floor) -> Floor:
    return Floor(
        operation=Journey.name,
        concurrency=first.concurrency,
        statements=first.statements + second.statements,
        commits=first.commits + second.commits,
        rate=1 / (1 / first.rate + 1 / second.rate),
        cpu=first.cpu + second.cpu,
        database_cpu=first.database_cpu + second.database_cpu,
    )


def sizes(run: Run, engine: Engine) -> dict[int, list[Figures]]:
    """Rounds by how many users there were; those of all operations among them."""
    found = {size.users: size.rounds for size in engine.sizes}
    if engine.rounds:
        found[run.plan.users] = engine.rounds
    return dict(sorted(found.items()))


def reach(run: Run) -> int:
    """How far a run tells what users cost: the most that it had, on all engines together."""
    return sum(max(sizes(run, engine), default=0) for engine in run.engines)
