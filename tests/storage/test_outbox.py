"""Mails that nodes borrow from one outbox, each by a clock of its own."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from gatepost.app import open_database
from gatepost.settings import Settings
from gatepost.storage import outbox
from gatepost.storage.database import Database
from gatepost.storage.outbox import QueuedMail
from gatepost.storage.statement import Statement, all_statements
from tests.support.engines import TEMPLATE, sibling
from tests.support.world import StoppedClock

LEASE_SECONDS = 45
DAY = 86_400


@dataclass
class Node:
    """One node's way to the outbox."""

    name: str
    database: Database
    clock: StoppedClock

    async def put(self, mail_id: str) -> None:
        now = self.clock()
        who = ("p", "Shop", "email_bound", "en-US", "ann@example.com")
        mail = QueuedMail(mail_id, *who, None, now, now + DAY * 1000, 0)
        await self.database.unit(lambda tx: outbox.put(tx, mail))

    async def borrows(self, most: int = 9) -> list[str]:
        """The ids of what it gets; a look before says the same."""
        any_due = await outbox.any_due(self.database.reader(), LEASE_SECONDS)
        mails = await self.database.unit(
            lambda tx: outbox.borrow(tx, self.name, seconds=LEASE_SECONDS, most=most)
        )
        assert any_due == bool(mails)
        return sorted(mail.id for mail in mails)

    async def postpones(self, mail_id: str, seconds: int) -> None:
        due_at = self.clock() + seconds * 1000
        await self.database.unit(
            lambda tx: outbox.postpone(tx, mail_id, self.name, due_at, "451 later")
        )


@pytest.fixture
async def ann(database: Database, stopped: StoppedClock) -> Node:
    return Node("ann", database, stopped)


@pytest.fixture
async def bob(settings: Settings, ann: Node) -> AsyncIterator[Node]:
    """Another node; until a test moves it, its clock shows the same."""
    clock = StoppedClock()
    clock.advance((ann.clock() - clock()) / 1000)
    database = await open_database(settings, clock)
    yield Node("bob", database, clock)
    await database.close()


@pytest.mark.parametrize("seconds", [0, 0.5, 59])
async def test_a_loan_of_a_node_whose_clock_is_ahead_is_left_to_it(
    ann: Node, bob: Node, seconds: float
) -> None:
    await ann.put("mail")
    ann.clock.advance(seconds)
    assert await ann.borrows() == ["mail"]
    assert await bob.borrows() == []
    bob.clock.advance(LEASE_SECONDS + seconds)
    assert await bob.borrows() == ["mail"]


async def test_a_pause_of_a_node_whose_clock_is_ahead_is_kept(ann: Node, bob: Node) -> None:
    ann.clock.advance(30)
    await ann.put("mail")
    assert await ann.borrows() == ["mail"]
    await ann.postpones("mail", outbox.LONGEST_PAUSE_SECONDS)
    assert await ann.borrows() == await bob.borrows() == []
    bob.clock.advance(30 + outbox.LONGEST_PAUSE_SECONDS)
    assert await bob.borrows() == ["mail"]


async def test_a_clock_that_was_a_day_ahead_keeps_no_mail(ann: Node) -> None:
    ann.clock.advance(DAY)
    for mail_id in ("borrowed", "postponed", "untouched"):
        await ann.put(mail_id)
        if mail_id != "untouched":
            assert await ann.borrows() == [mail_id]
    await ann.postpones("postponed", 2)
    ann.clock.advance(-DAY)
    assert await ann.borrows() == ["borrowed", "postponed", "untouched"]


async def test_no_more_is_borrowed_than_asked_for(ann: Node) -> None:
    ann.clock.advance(DAY)
    await ann.put("stray 1")
    await ann.put("stray 2")
    ann.clock.advance(-DAY)
    await ann.put("due")
    first = await ann.borrows(most=2)
    assert len(first) == 2
    assert sorted(first + await ann.borrows(most=2)) == ["due", "stray 1", "stray 2"]


def looks() -> list[Statement]:
    """The statements that look for mails that are due."""
    found = [s for s in all_statements() if "FROM outbox" in s.sqlite and "longest_loan" in s.names]
    assert len(found) == 2
    return found


RANGES = ["<", ">"]
"""What is due, and what a clock that was wrong has left behind."""


def test_sqlite_reads_only_what_is_due(sqlite_template: Path) -> None:
    connection = sqlite3.connect(sqlite_template)
    for look in looks():
        plan = connection.execute(
            f"EXPLAIN QUERY PLAN {look.sqlite}", dict.fromkeys(look.names, 0)
        ).fetchall()
        steps = " | ".join(step for *_, step in plan)
        assert re.findall(r"outbox USING INDEX outbox_due \(due_at(.)\?\)", steps) == RANGES, steps
        assert "SCAN outbox" not in steps and "TEMP B-TREE" not in steps
    connection.close()


async def test_postgresql_reads_only_what_is_due(postgresql: str) -> None:
    connection = await asyncpg.connect(sibling(postgresql, TEMPLATE))
    await connection.execute("SET enable_seqscan = off")  # which is best as long as there are few
    await connection.execute("SET enable_bitmapscan = off")
    plans = []
    for look in looks():
        values = ["" if name == "lease" else 1 for name in look.names]
        plans.append(await (await connection.prepare(look.postgresql)).explain(*values))
    await connection.close()
    for plan in plans:
        conditions = re.findall(r'"Index Cond": "\((?:\w+\.)?due_at ([<>])', json.dumps(plan))
        assert conditions == RANGES, plan
