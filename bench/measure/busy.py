"""Reading one's account while everybody else signs in by password and all cores are busy."""

from __future__ import annotations

from msgspec import Struct

from bench.load.job import Job
from bench.load.outside import Outside
from bench.measure.entering import SignIn
from bench.measure.figures import quantile
from bench.measure.operations import GetProfile
from bench.measure.rounds import Ground
from bench.measure.scene import now

READERS = 4
READ_EVERY_SECONDS = 0.005


class Busy(Struct, frozen=True, kw_only=True):
    """Sign-ins a second, and how long readers waited meanwhile, in microseconds."""

    sign_ins: float
    reads: int
    read_p50: float
    read_p99: float


def busy(ground: Ground, seconds: float, callers: int) -> Busy:
    """Sign in with so many callers at once; read 200 times a second, at fixed instants.

    A read that could not be sent in time counts from when it was due.
    """
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
    ordered = sorted(read.latencies)
    return Busy(
        sign_ins=entered.done / entered.seconds,
        reads=read.done,
        read_p50=quantile(ordered, 0.5) / 1000,
        read_p99=quantile(ordered, 0.99) / 1000,
    )
