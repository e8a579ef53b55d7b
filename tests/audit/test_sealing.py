"""Seals, what retention and erasure may do to the log, and who else is at it."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import pytest

from gatepost.app import open_database
from gatepost.audit import sealing
from gatepost.audit.digests import digested
from gatepost.audit.sealing import ERASED_AFTER, ChainBroken
from gatepost.settings import Settings
from gatepost.storage import audit_log
from tests.support.audit_bench import AuditBench, happened

DAY = 86_400
LATER = ERASED_AFTER // 1000
DELETED = "deleteAccount"
PERSONAL = "SELECT client_address, user_agent, salt FROM audit_log"
ERASED = ("erased", "erased", None)


async def test_everything_is_sealed_in_steps(bench: AuditBench) -> None:
    await bench.put(*(happened() for _ in range(7)))
    await bench.seal(most=3)
    counts = await bench.rows("SELECT number, row_count FROM audit_seals ORDER BY number")
    assert counts == [(1, 3), (2, 3), (3, 1)]
    assert await bench.rows("SELECT id FROM audit_log WHERE seal IS NULL") == []
    await bench.seal()
    assert (await bench.verified()).seals == 3  # where nothing happened nothing is sealed
    assert await bench.findings() == []


async def test_a_row_that_comes_late_is_under_a_later_seal(bench: AuditBench) -> None:
    await bench.three_seals()
    late = digested(bench.keys, happened(), bench.clock() - 150_000)
    await bench.database.unit(lambda tx: audit_log.add(tx, late))
    await bench.seal()
    assert await bench.rows("SELECT seal FROM audit_log WHERE id = :id", id=late.event.id) == [(4,)]
    assert await bench.findings() == []


async def test_a_process_leaves_it_to_the_one_that_was_just_here(bench: AuditBench) -> None:
    await bench.put(happened())
    await bench.seal()
    await bench.put(happened())
    for passed, seals in ((29, 1), (1, 2)):
        bench.clock.advance(passed)
        await bench.database.unit(lambda tx: sealing.seal(tx, bench.keys, 9, pause=30_000))
        assert (await bench.verified()).seals == seals
    bench.clock.advance(-3_600)  # the clock was wrong: sealing does not wait for an hour
    await bench.put(happened())
    await bench.database.unit(lambda tx: sealing.seal(tx, bench.keys, 9, pause=30_000))
    assert (await bench.verified()).seals == 3


async def test_several_processes_may_seal_at_once(bench: AuditBench, settings: Settings) -> None:
    others = [await open_database(settings, bench.clock) for _ in range(3)]
    benches = [bench, *(AuditBench(database, bench.clock) for database in others)]

    async def works(one: AuditBench) -> None:
        for _ in range(10):
            await one.put(*(happened() for _ in range(3)))
            await one.seal(most=5)
            await one.retain(1)
            await one.erase()

    await asyncio.gather(*(works(one) for one in benches))
    found = await bench.verified()
    assert (found.findings, found.rows, found.unsealed) == ([], 120, 0)
    assert await bench.rows("SELECT sum(row_count) FROM audit_seals") == [(120,)]
    for database in others:
        await database.close()


async def test_a_verification_while_the_server_goes_on_finds_nothing(bench: AuditBench) -> None:
    async def works() -> None:
        for user_id in (f"user-{number}" for number in range(15)):
            await bench.put(*(happened(name, user_id=user_id) for name in ("login", DELETED)))
            await bench.seal(most=2)
            bench.clock.advance(LATER)
            await bench.erase()
            await bench.retain(1)

    worker = asyncio.create_task(works())
    while not worker.done():
        assert await bench.findings() == []
        await asyncio.sleep(0)
    await worker


class TestRetention:
    async def test_rows_go_with_the_oldest_seals_and_the_seals_stay(
        self, bench: AuditBench
    ) -> None:
        await bench.three_seals()
        bench.clock.advance(DAY - 121)
        await bench.retain(1)
        assert (await bench.verified()).rows == 7  # one minute a seal: the first was just due
        assert await bench.rows("SELECT id FROM audit_log WHERE seal = 1") == []
        bench.clock.advance(DAY)
        await bench.retain(1)
        found = await bench.verified()
        assert (found.findings, found.rows, found.seals, found.emptied) == ([], 1, 3, 3)
        await bench.seal()
        assert await bench.findings(found.head) == []

    async def test_a_row_of_before_that_is_put_back_is_found(self, bench: AuditBench) -> None:
        await bench.three_seals()
        (_, old, *_) = (await bench.snapshot("audit_log"))["audit_log"]
        bench.clock.advance(DAY + 60)
        await bench.retain(1)
        await bench.seal()
        assert await bench.findings() == []
        names = "id, seal"
        await bench.put_back("audit_log", [old])
        ((row, seal),) = await bench.rows(f"SELECT {names} FROM audit_log WHERE seal < 4")
        assert await bench.findings() == [
            f"row {row} stands under seal {seal}, whose rows are gone"
        ]
        await bench.change("UPDATE audit_log SET seal = NULL WHERE id = :id", id=row)
        came_late = [f"row {row} came long after its time: it was put back"]
        assert await bench.findings() == came_late
        await bench.seal()
        assert await bench.findings() == came_late

    @pytest.mark.parametrize(
        "deed",
        [
            "UPDATE audit_seals SET sealed_at = 0 WHERE number = 1",
            "DELETE FROM audit_seals WHERE number = 1",
            "UPDATE audit_chain SET emptied = 1",
        ],
    )
    async def test_mallory_cannot_have_the_server_remove_rows(
        self, bench: AuditBench, deed: str
    ) -> None:
        await bench.three_seals()
        await bench.change(deed)
        with pytest.raises(ChainBroken):
            await bench.retain(1)
        assert len(await bench.rows("SELECT id FROM audit_log")) == 10

    async def test_a_row_moved_to_where_it_goes_sooner_is_missed(self, bench: AuditBench) -> None:
        await bench.three_seals()
        await bench.change("UPDATE audit_log SET seal = 1 WHERE id = 'c2'")
        bench.clock.advance(DAY - 121)
        await bench.retain(1)
        assert await bench.findings() == ["seal 3: 1 of 3 rows are missing"]


class TestErasure:
    async def deleted(self, bench: AuditBench) -> None:
        """Ann did five things, Bob one, and Ann's account is gone."""
        await bench.put(*(happened() for _ in range(5)), happened(id="bob", user_id="bob"))
        await bench.seal()
        await bench.put(happened(DELETED))
        await bench.seal()
        bench.clock.advance(LATER)

    async def test_what_is_personal_goes_and_the_log_is_believed(self, bench: AuditBench) -> None:
        await self.deleted(bench)
        assert await bench.findings() == []
        await bench.erase()
        assert await bench.rows(f"{PERSONAL} WHERE user_id = 'ann'") == [ERASED] * 6
        ((address, agent, salt),) = await bench.rows(f"{PERSONAL} WHERE user_id = 'bob'")
        assert (address, agent) == ("192.0.2.1", "Browser") and salt
        assert await bench.findings() == []
        assert await bench.rows("SELECT erased FROM audit_seals ORDER BY number") == [
            ("",),
            ("ann",),
        ]
        await bench.put(happened(user_id="bob"))
        await bench.seal()
        await bench.retain(1)
        bench.clock.advance(DAY * 2)
        await bench.retain(1)  # the seal that says so outlives the row that did
        assert await bench.findings() == []

    async def test_not_before_the_last_row_has_come(self, bench: AuditBench) -> None:
        await self.deleted(bench)
        bench.clock.advance(-1)
        await bench.erase()
        assert await bench.rows(f"{PERSONAL} WHERE client_address = 'erased'") == []
        await bench.put(happened(id="late"))
        bench.clock.advance(1)
        await bench.erase()
        assert await bench.rows(f"{PERSONAL} WHERE id = 'late'") == [ERASED]
        await bench.seal()
        assert await bench.findings() == []

    @pytest.mark.parametrize("name", ["event", "detail", "user_id", "request_id", "personal"])
    async def test_nothing_else_may_change(self, bench: AuditBench, name: str) -> None:
        await self.deleted(bench)
        await bench.erase()
        row = "(SELECT min(id) FROM audit_log WHERE user_id = 'ann' AND seal = 1)"
        await bench.change(f"UPDATE audit_log SET {name} = 'other' WHERE id = {row}")
        (finding,) = await bench.findings()
        assert finding.endswith("was altered")

    async def test_what_was_erased_cannot_be_put_back(self, bench: AuditBench) -> None:
        await self.deleted(bench)
        before = await bench.snapshot("audit_log")
        await bench.erase()
        await bench.restore(before)
        found = await bench.findings()
        assert len(found) == 6
        assert all("was put back as it was before" in finding for finding in found)

    async def test_mallory_cannot_have_it_done(self, bench: AuditBench) -> None:
        await bench.put(happened(id="victim", user_id="bob"))
        await bench.seal()
        forged: list[dict[str, Any]] = [
            {"event": DELETED},
            {"event": DELETED, "digest": "0" * 64},
        ]
        await bench.put(happened(user_id="bob", id="forged"))
        for change in forged:
            for name, value in change.items():
                text = f"UPDATE audit_log SET {name} = :value WHERE id = 'forged'"
                await bench.change(text, value=value)
        await bench.seal()
        await bench.change("UPDATE audit_seals SET erased = 'bob' WHERE number = 1")
        bench.clock.advance(LATER)
        with pytest.raises(ChainBroken):
            await bench.erase()
        assert await bench.rows(f"{PERSONAL} WHERE client_address = 'erased'") == []
        assert await bench.rows("SELECT erased FROM audit_seals WHERE number = 2") == [("",)]

    async def test_an_address_cannot_be_guessed_once_it_is_erased(self, bench: AuditBench) -> None:
        await bench.put(happened(salt="0" * 24), happened(salt="1" * 24))
        digests = await bench.rows("SELECT personal FROM audit_log")
        assert digests[0] != digests[1]  # the same address and browser, another salt


class TestAdoption:
    async def test_rows_from_before_get_digests_once(self, bench: AuditBench) -> None:
        await bench.put(*(happened() for _ in range(5)))
        bare = "UPDATE audit_log SET digest = NULL, personal = NULL, salt = NULL, key_id = NULL"
        await bench.change(bare)
        assert await bench.findings() == []
        await bench.seal()
        found = await bench.verified()
        assert (found.findings, found.rows, found.unsealed) == ([], 5, 0)
        await bench.put(happened(id="x"))
        await bench.change(f"{bare} WHERE id = 'x'")
        await bench.seal()
        assert await bench.findings() == ["row x has no digest: the server did not write it"]


async def test_a_broken_chain_is_not_gone_on_with(bench: AuditBench) -> None:
    await bench.three_seals()
    right = await bench.snapshot()
    for deed in (
        "UPDATE audit_chain SET seals = 2",
        "UPDATE audit_chain SET adopted = 0",
        "DELETE FROM audit_chain",
    ):
        await bench.change(deed)
        for step in (
            lambda tx: sealing.adopt(tx, bench.keys, secrets.token_bytes, 5),
            lambda tx: sealing.seal(tx, bench.keys, 5),
        ):
            with pytest.raises(ChainBroken):
                await bench.database.unit(step)
        await bench.restore(right)
    await bench.seal()
    assert await bench.findings() == []
