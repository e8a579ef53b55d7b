"""Three times as many sign-ins as the server can do: it does what it can, and sheds the rest."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import pytest

from tests.faults.callers import Callers, request
from tests.faults.checker import LONGEST_SECONDS
from tests.faults.trial import Trial
from tests.support.world import PASSWORD

AT_ONCE = 16
MEASURED_SECONDS = 6
FLOODED_SECONDS = 12

pytestmark = pytest.mark.alone


def sign_ins(trial: Trial) -> Iterator[bytes]:
    """People who sign in, each from an address of her own."""
    for number in itertools.count():
        member = trial.members[number % len(trial.members)]
        body = {
            "connection": "PASSWORD",
            "passwordPayload": {"username": member.username, "password": PASSWORD},
            "client_id": trial.cluster.app_id,
            "client_secret": trial.cluster.secret,
        }
        client = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        headers = {"x-forwarded-for": client}
        yield request("POST", "/api/v3/signin", headers, json.dumps(body).encode())


async def test_it_does_what_it_can_and_sheds_the_rest(on_sqlite: Trial) -> None:
    (node,) = on_sqlite.nodes
    node.start()
    await on_sqlite.invite(64)
    callers = Callers(node.url, sign_ins(on_sqlite))
    await callers.at_once(AT_ONCE, 2)
    async with on_sqlite.watched():
        # The machine may have other things to do: its best is taken before and after.
        before = await callers.at_once(AT_ONCE, MEASURED_SECONDS)
        flooded = await callers.every_second(3 * before.rate, FLOODED_SECONDS)
        after = await callers.at_once(AT_ONCE, MEASURED_SECONDS)
    callers.close()
    for told in (before, flooded, after):
        print(f"{told.rate:.1f} a second, {told.busy} busy, longest {told.longest:.2f} s")
        assert told.wrong == [], told.wrong[:5]
        assert told.longest <= LONGEST_SECONDS + on_sqlite.lag
    assert before.busy == after.busy == 0
    assert flooded.busy > flooded.done
    assert flooded.rate >= 0.8 * min(before.rate, after.rate)
