"""Three times as many sign-ins as the server can do: it does what it can, and sheds the rest."""

from __future__ import annotations

import itertools
import json
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass

import pytest

from tests.faults.callers import Callers, Told, request
from tests.faults.checker import LONGEST_SECONDS
from tests.faults.trial import Trial
from tests.faults.watching import Spent
from tests.support.world import PASSWORD

AT_ONCE = 16
ROUNDS = 3
MEASURED_SECONDS = 3
FLOODED_SECONDS = 5

pytestmark = pytest.mark.alone


def sign_ins(trial: Trial) -> Iterator[bytes]:
    """People who sign in, each from an address of her own.

    Without the app's secret, which would make them calls of one back-end: its people are
    delayed for what they tried in vain, of which there is a lot here.
    """
    for number in itertools.count():
        member = trial.members[number % len(trial.members)]
        body = {
            "connection": "PASSWORD",
            "passwordPayload": {"username": member.username, "password": PASSWORD},
            "client_id": trial.cluster.app_id,
        }
        client = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        headers = {"x-forwarded-for": client}
        yield request("POST", "/api/v3/signin", headers, json.dumps(body).encode())


@dataclass
class Measured:
    """What callers were told in some rounds, and for how long a processor was there for it."""

    done: int = 0
    busy: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Sign-ins a second of a processor that the server had or could have had.

        Callers cost something too, and most when most of them are turned away; and a machine
        may have other things to do in one round than in the next.
        """
        return self.done / self.seconds

    async def add(self, trial: Trial, name: str, round_: Awaitable[Told]) -> Told:
        """Measure one more round."""
        began = Spent.by(trial)
        async with trial.watched():
            told = await round_
        processors = Spent.by(trial).processors(began)
        self.done += told.done
        self.busy += told.busy
        self.seconds += told.seconds * processors
        print(
            f"{name}: {told.rate:.1f} a second on {processors:.2f} processors,"
            f" {told.busy} busy, longest {told.longest:.2f} s"
        )
        assert told.wrong == [], told.wrong[:5]
        assert told.longest <= LONGEST_SECONDS + trial.lag
        return told


async def test_it_does_what_it_can_and_sheds_the_rest(on_either: Trial) -> None:
    (node,) = on_either.nodes
    node.start()
    await on_either.invite(64)
    callers = Callers(node.url, sign_ins(on_either))
    await callers.at_once(AT_ONCE, 2)
    best, flooded = Measured(), Measured()
    for _ in range(ROUNDS):
        told = await best.add(on_either, "best", callers.at_once(AT_ONCE, MEASURED_SECONDS))
        rounds = callers.every_second(3 * told.rate, FLOODED_SECONDS)
        await flooded.add(on_either, "flooded", rounds)
    callers.close()
    print(f"{best.rate:.1f} and {flooded.rate:.1f} a second of a processor")
    assert best.busy == 0
    # Not twice as many: who still waits at the end of a flood is let in, and on a slow machine the
    # queue is long beside what is done.
    assert flooded.busy > flooded.done / 4
    assert flooded.rate >= 0.8 * best.rate
