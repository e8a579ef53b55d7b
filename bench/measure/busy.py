"""Reading one's account while everybody else signs in by password and all cores are busy."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from bench.load.job import Job, Outcome
from bench.load.outside import Outside
from bench.measure.entering import SignIn
from bench.measure.figures import quantile
from bench.measure.operations import GetProfile
from bench.measure.rounds import Ground
from bench.measure.scene import now

READERS = 4
READ_EVERY_SECONDS = 0.005


class Busy(Struct, frozen=True, kw_only=True):
    """Sign-ins a second, and how long readers waited meanwhile, in microseconds.

    `alone` is how many checks of a password a second argon2id made by itself, just before the
    sign-ins or just after: on a machine that is not always as fast only these two compare.
    """

    sign_ins: float
    alone: float
    reads: int
    read_p50: float
    read_p99: float

    @property
    def share(self) -> float:
        """What sign-ins reach of argon2id alone, in per cent."""
        return 100 * self.sign_ins / self.alone


def busy(
    ground: Ground, seconds: float, callers: int, alone: Callable[[], float], *, first: bool
) -> Busy:
    """Sign in with so many callers at once; read 200 times a second, at fixed instants.

    A read that could not be sent in time counts from when it was due. `alone` measures argon2id
    by itself, `first` or else afterwards, while the server has nothing to do. Raises Failed and
    Differs.
    """
    before = alone() if first else None
    entered, read = _both(ground, seconds, callers)
    ordered = sorted(read.latencies)
    return Busy(
        sign_ins=entered.done / entered.seconds,
        alone=alone() if before is None else before,
        reads=read.done,
        read_p50=quantile(ordered, 0.5) / 1000,
        read_p99=quantile(ordered, 0.99) / 1000,
    )


def _both(ground: Ground, seconds: float, callers: int) -> tuple[Outcome, Outcome]:
    """What became of the sign-ins, and of the reads meanwhile."""
    with Outside() as readers:
        readers.address = ground.outside.address
        people = ground.scene.take("settled", 1_000)
        flows = GetProfile(ground.scene, people).flows()
        readers.warm(flows)
        due = (flows * (1 + int(seconds / READ_EVERY_SECONDS) // len(flows)))[
            : int(seconds / READ_EVERY_SECONDS)
        ]
        readers.load(Job(due, READERS, seconds, READ_EVERY_SECONDS))
        entering = SignIn(ground.scene, ground.scene.take("newcomers", int(1_000 * seconds)))
        ground.outside.load(Job(entering.flows(), callers, seconds))
        since = now()
        ground.outside.go()
        readers.go()
        read, entered = readers.outcome(), ground.outside.outcome()
    for check in entering.checks(entered.done, since):
        check.hold(ground.scene.bulk)
    return entered, read
