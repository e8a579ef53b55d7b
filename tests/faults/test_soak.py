"""At 70 % of its highest rate for a long time: nothing grows but what was asked to be kept."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator

import pytest

from gatepost.storage.sqlite import CACHE_KIB
from tests.faults.callers import Callers, request
from tests.faults.checker import LONGEST_SECONDS
from tests.faults.old_rows import ROWS, filling
from tests.faults.trial import Trial, until
from tests.faults.watching import Spent, Taken, rows_of

SOAK_SECONDS = float(os.environ.get("FAULT_SOAK_SECONDS") or 60)
MIB = 1024 * 1024
MOST_WAITING = 64
OLD_ROWS = 5_000
LOOKS_PER_SEND = 7
ROWS_PER_SEND = {"verification_codes": 1, "outbox": 1, "audit_log": 1, "rate_limits": 10}
"""How many rows at most one mail that is asked for leaves."""

OCTETS_PER_SEND = {"sqlite": 3 * 1024, "postgresql": 6 * 1024}
"""How much those rows and their indices take, and what is dead in them until it is swept up."""

pytestmark = pytest.mark.alone


def calls(trial: Trial, sends: list[str]) -> Iterator[bytes]:
    """People look at their profiles, and now and then ask for a code."""
    app = {"x-authing-app-id": trial.cluster.app_id}
    people = list(trial.members)
    for number in itertools.count():
        headers = app | {"authorization": people[number % len(people)].token}
        if number % (LOOKS_PER_SEND + 1):
            yield request("GET", "/api/v3/get-profile", headers)
        else:
            sends.append(f"soak-{number}@example.com")
            body = {"email": sends[-1], "channel": "CHANNEL_BIND_EMAIL"}
            yield request("POST", "/api/v3/send-email", headers, json.dumps(body).encode())


async def leave_old_rows(trial: Trial) -> None:
    """Thousands of rows that have had their time, as an earlier flood leaves them."""
    for table in ROWS:
        assert await trial.cluster.change(filling(table, OLD_ROWS).sqlite) == OLD_ROWS


async def no_old_rows(trial: Trial) -> bool:
    return not any((await rows_of(trial, old=True)).values())


async def test_nothing_grows_but_the_data(on_either: Trial) -> None:
    (node,) = on_either.nodes
    engine = "sqlite" if on_either.cluster.settings.on_sqlite else "postgresql"
    node.start()
    await on_either.invite(64)
    await leave_old_rows(on_either)
    sends: list[str] = []
    callers = Callers(node.url, calls(on_either, sends))
    began = Spent.by(on_either)
    best = await callers.at_once(16, 5)
    at_best = Spent.by(on_either).processors(began)
    async with on_either.watched():
        await callers.every_second(0.7 * best.rate, SOAK_SECONDS / 3, MOST_WAITING)
        early, rows, sent = await Taken.by(on_either), await rows_of(on_either), len(sends)
        began = Spent.by(on_either)
        told = await callers.every_second(0.7 * best.rate, SOAK_SECONDS * 2 / 3, MOST_WAITING)
        at_soak = Spent.by(on_either).processors(began)
        await until(lambda: no_old_rows(on_either), 90)
    late, rows_late = await Taken.by(on_either), await rows_of(on_either)
    callers.close()
    print(
        f"best {best.rate:.0f} a second on {at_best:.2f} processors,"
        f" soaked at {told.rate:.0f} on {at_soak:.2f}, {early} -> {late}"
    )
    # Where others have taken more of the machine since, less of it was left to ask and to answer.
    assert told.rate >= 0.6 * best.rate * min(1, at_soak / at_best)
    assert (told.wrong, told.busy) == ([], 0)
    assert told.longest <= LONGEST_SECONDS + on_either.lag
    # Until they are full, the caches of both connections grow with the data.
    cached = min(late.database - early.database, 2 * CACHE_KIB * 1024)
    assert late.memory - early.memory < 16 * MIB + cached
    assert late.memory < 160 * MIB
    assert late.descriptors - early.descriptors <= MOST_WAITING  # as many may call at once
    assert late.wal < 24 * MIB
    asked = len(sends) - sent
    # What is still in the WAL at first is of before.
    assert late.database - early.database <= OCTETS_PER_SEND[engine] * asked + early.wal
    for table, count in rows_late.items():
        assert count - rows[table] <= ROWS_PER_SEND.get(table, 0) * asked, table
    assert set(sends) >= {mail.recipients[0] for mail in tuple(on_either.sink.mails)}
