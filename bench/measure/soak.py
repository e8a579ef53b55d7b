"""Hours in minutes: the same load again and again, to see what grows."""

from __future__ import annotations

import time

from msgspec import Struct

from bench.measure.accounting import resident
from bench.measure.addresses import Journey, UpdateEmail
from bench.measure.entering import Refresh
from bench.measure.mails import all_came
from bench.measure.operations import GetProfile, Operation
from bench.measure.rounds import Ground, measured
from bench.measure.scene import now

CONCURRENCY = 16
KINDS: tuple[type[Operation], ...] = (Journey, GetProfile, UpdateEmail, Refresh)


class Moment(Struct, frozen=True, kw_only=True):
    """One turn of the soak: when it ended, how fast it was, how much there was then."""

    seconds: float
    rate: float
    resident_bytes: int
    stored_bytes: int


def soaked(ground: Ground, seconds: float, most: int) -> list[Moment]:
    """Take turns of every kind until the time is over; mails flow. Raises Failed and Differs."""
    began, moments = time.monotonic(), []
    while time.monotonic() < began + seconds:
        since = now()
        ground.outside.let_mails_go()
        done = [measured(ground, kind, CONCURRENCY, seconds, most // 4) for kind in KINDS]
        all_came(ground, since)
        moments.append(
            Moment(
                seconds=time.monotonic() - began,
                rate=sum(f.done for f in done) / sum(f.seconds for f in done),
                resident_bytes=resident(ground.server.pid),
                stored_bytes=ground.scene.bulk.size(),
            )
        )
    return moments
