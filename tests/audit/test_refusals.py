"""What the audit log keeps of refused calls, and how little a flood of them leaves."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from gatepost.audit.refusals import MOST_ENTRIES, ROWS_PER_USER_MINUTE, RefusalLog
from gatepost.log import Log
from gatepost.storage import audit_log
from gatepost.storage.audit_log import AuditEvent
from gatepost.vocabulary.refusals import Overloaded
from tests.support.audit_bench import AuditBench, happened

COUNTED = "SELECT client_address, user_id, refusal, times FROM audit_log"


def refused(**facts: Any) -> AuditEvent:
    """A refused sign-in of nobody known."""
    given = {"succeeded": 0, "user_id": None, "session_id": None, "refusal": "WrongCredentials"}
    return happened("login", **given | facts)


@pytest.fixture
async def refusals(bench: AuditBench) -> RefusalLog:
    """The refusals of one process, which writes when it is told to."""
    return new_log(bench)


def new_log(bench: AuditBench) -> RefusalLog:
    log = Log(bench.clock, "error")
    return RefusalLog(bench.database, lambda: bench.keys, bench.clock, secrets.token_bytes, log)


async def test_strangers_are_counted_by_minute_address_and_reason(
    bench: AuditBench, refusals: RefusalLog
) -> None:
    for _ in range(3):
        for _ in range(100):
            refusals.note(refused())
        await refusals.flush()
    refusals.note(refused(client_address="192.0.2.2"))
    refusals.note(refused(refusal="CodeIncorrect"))
    bench.clock.advance(60)
    refusals.note(refused())
    await refusals.flush()
    assert sorted(await bench.rows(COUNTED)) == [
        ("192.0.2.1", None, "CodeIncorrect", 1),
        ("192.0.2.1", None, "WrongCredentials", 1),
        ("192.0.2.1", None, "WrongCredentials", 300),
        ("192.0.2.2", None, "WrongCredentials", 1),
    ]
    await bench.seal()
    assert await bench.findings() == []


async def test_an_address_of_version_six_is_the_network_it_is_in(
    bench: AuditBench, refusals: RefusalLog
) -> None:
    for last in range(50):
        refusals.note(refused(client_address=f"2001:db8::{last:x}"))
    await refusals.flush()
    assert await bench.rows(COUNTED) == [("2001:db8::0", None, "WrongCredentials", 50)]


async def test_an_account_is_counted_apart(bench: AuditBench, refusals: RefusalLog) -> None:
    for user_id in ("ann", "bob", "ann", None):
        refusals.note(refused(user_id=user_id))
    await refusals.flush()
    counts = await bench.rows("SELECT user_id, times FROM audit_log ORDER BY times DESC")
    assert counts[0] == ("ann", 2) and {*counts[1:]} == {("bob", 1), (None, 1)}


async def test_what_is_counted_after_a_seal_is_another_row(
    bench: AuditBench, refusals: RefusalLog
) -> None:
    refusals.note(refused())
    refusals.note(refused())
    await refusals.flush()
    await bench.seal()
    for _ in range(3):
        refusals.note(refused())
    await refusals.flush()  # finds the row sealed
    await refusals.flush()
    refusals.note(refused())
    await refusals.flush()
    assert await bench.rows("SELECT times, seal FROM audit_log ORDER BY times") == [
        (2, 1),
        (4, None),
    ]
    await bench.seal()
    assert await bench.findings() == []


async def test_who_is_signed_in_gets_a_row_each_up_to_so_many(
    bench: AuditBench, refusals: RefusalLog
) -> None:
    for number in range(ROWS_PER_USER_MINUTE + 30):
        refusals.note(refused(user_id="ann", session_id="s", request_id=str(number)))
    refusals.note(refused(user_id="bob", session_id="s"))
    await refusals.flush()
    counts = await bench.rows(
        "SELECT times, count(*) FROM audit_log WHERE user_id = 'ann' GROUP BY times ORDER BY times"
    )
    assert counts == [(1, ROWS_PER_USER_MINUTE), (30, 1)]
    bench.clock.advance(60)
    refusals.note(refused(user_id="ann", session_id="s", request_id="new"))
    await refusals.flush()
    assert len(await bench.rows("SELECT 1 FROM audit_log WHERE request_id = 'new'")) == 1


async def test_many_addresses_at_once_make_only_so_many_rows(
    bench: AuditBench, refusals: RefusalLog
) -> None:
    for number in range(MOST_ENTRIES + 500):
        refusals.note(refused(client_address=f"10.0.{number // 256}.{number % 256}"))
    await refusals.flush()
    assert await bench.rows("SELECT count(*), sum(times) FROM audit_log") == [
        (MOST_ENTRIES + 1, MOST_ENTRIES + 500)
    ]
    nobody = "SELECT times FROM audit_log WHERE client_address IS NULL"
    assert await bench.rows(nobody) == [(500,)]


async def test_what_could_not_be_written_is_written_later(
    bench: AuditBench, refusals: RefusalLog
) -> None:
    class Away:
        async def unit(self, work: Any) -> None:
            raise Overloaded(1)

    there = bench.database
    refusals._database = Away()  # type: ignore[assignment]
    refusals.note(refused())
    with pytest.raises(Overloaded):
        await refusals.flush()
    refusals.note(refused())
    refusals._database = there
    bench.clock.advance(120)
    refusals.note(refused())
    await refusals.flush()
    assert await bench.rows("SELECT times FROM audit_log ORDER BY at") == [(2,), (1,)]


async def test_stopping_writes_what_is_left(bench: AuditBench) -> None:
    refusals = new_log(bench)
    refusals.start()
    refusals.note(refused())
    await refusals.stop()
    (row,) = await audit_log.newest(bench.database.reader(), "", 5)
    assert (row.event.refusal, row.at) == ("WrongCredentials", bench.clock())
