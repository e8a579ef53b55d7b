"""Outcomes of mails that end in the same moment share a unit, and each is told how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from gatepost.mail.ledger import Ledger, Outcome
from gatepost.mail.transport import Deferred, Delivered, Refused
from gatepost.storage import outbox
from gatepost.storage.outbox import QueuedMail, State
from gatepost.vocabulary.refusals import Overloaded
from tests.support.office import Office

LEASE = "lease"


async def borrowed(office: Office, count: int) -> Sequence[QueuedMail]:
    for number in range(count):
        await office.put(f"person{number}@example.com")
    return await office.database.unit(lambda tx: outbox.borrow(tx, LEASE, seconds=45, most=count))


class Counting:
    """A database that counts its units, and is away when told so."""

    def __init__(self, office: Office) -> None:
        self._database = office.database
        self.units = 0
        self.is_away = False

    async def unit(self, work: Any) -> Any:
        self.units += 1
        if self.is_away:
            raise Overloaded(retry_after=1)
        return await self._database.unit(work)


async def test_those_that_wait_share_a_unit(office: Office) -> None:
    mails = await borrowed(office, 9)
    counting = Counting(office)
    ledger = Ledger(counting)  # type: ignore[arg-type]  # it only has units
    deliveries = [Delivered(), Refused("no"), Deferred("later")] * 3
    outcomes = [Outcome(m, LEASE, d) for m, d in zip(mails, deliveries, strict=True)]
    async with asyncio.timeout(10):
        await asyncio.gather(*map(ledger.enter, outcomes))
    assert counting.units <= 2
    states = {mail.id: mail.state for mail in await office.listed()}
    assert [states[mail.id] for mail in mails] == [State.SENT, State.REFUSED, State.QUEUED] * 3


async def test_everybody_is_told_that_the_storage_is_away_and_the_next_page_is_tried(
    office: Office,
) -> None:
    mails = await borrowed(office, 3)
    counting = Counting(office)
    ledger = Ledger(counting)  # type: ignore[arg-type]  # it only has units
    counting.is_away = True
    outcomes = [Outcome(mail, LEASE, Delivered()) for mail in mails]
    async with asyncio.timeout(10):
        told = await asyncio.gather(*map(ledger.enter, outcomes), return_exceptions=True)
        assert [type(each) for each in told] == [Overloaded] * 3
        counting.is_away = False
        await asyncio.gather(*map(ledger.enter, outcomes))
    assert {mail.state for mail in await office.listed()} == {State.SENT}


async def test_who_goes_away_leaves_the_others_their_answer(office: Office) -> None:
    mails = await borrowed(office, 2)
    ledger = Ledger(office.database)
    first, second = (
        asyncio.create_task(ledger.enter(Outcome(mail, LEASE, Delivered()))) for mail in mails
    )
    await asyncio.sleep(0)
    first.cancel()
    async with asyncio.timeout(10):
        await second
        with pytest.raises(asyncio.CancelledError):
            await first
    assert {mail.state for mail in await office.listed()} == {State.SENT}


async def test_at_the_end_all_that_was_entered_is_noted(office: Office) -> None:
    mails = await borrowed(office, 3)
    ledger = Ledger(office.database)
    entered = [
        asyncio.create_task(ledger.enter(Outcome(mail, LEASE, Delivered()))) for mail in mails
    ]
    await asyncio.sleep(0)
    for task in entered:  # the worker's farewell was over
        task.cancel()
    await asyncio.gather(*entered, return_exceptions=True)
    await ledger.close()
    assert {mail.state for mail in await office.listed()} == {State.SENT}
