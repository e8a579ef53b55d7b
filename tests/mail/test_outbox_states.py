"""What becomes of a mail, and how it shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from gatepost.storage import outbox
from gatepost.storage.outbox import State
from tests.support.office import LIFE_SECONDS, Office
from tests.support.smtp_sink import Point, SmtpSink


@asynccontextmanager
async def sink_that(*acts: tuple[Point, str]) -> AsyncIterator[SmtpSink]:
    async with SmtpSink() as sink:
        sink.plan(*acts)
        yield sink


def asked(times: int) -> Callable[[SmtpSink], bool]:
    return lambda sink: [c[:4] for c in sink.commands].count("RCPT") >= times


async def test_a_mail_that_was_taken_is_sent_once(office: Office) -> None:
    await office.put()
    async with sink_that() as sink:
        await office.work(sink, lambda sink: len(sink.mails) == 1)
        await office.put("bob@example.com")
        await office.work(sink, lambda sink: len(sink.mails) == 2)

        assert [mail.recipients for mail in sink.mails] == [
            ("ann@example.com",),
            ("bob@example.com",),
        ]
    assert {mail.state for mail in await office.listed()} == {State.SENT}


async def test_a_mail_that_is_refused_is_given_up(office: Office) -> None:
    await office.put()
    async with sink_that(("RCPT", "550 5.1.1 no <ann@example.com> here")) as sink:
        await office.work(sink, asked(1))

        assert not sink.mails
    mail = await office.only()
    assert (mail.state, mail.attempts) == (State.REFUSED, 1)
    assert mail.last_answer == "recipient: 550 5.1.1 no … here"


@pytest.mark.parametrize("misdeed", ["451 4.7.1 greylisted", "421 4.3.2 bye", "drop", "hang"])
async def test_a_mail_that_is_put_off_waits_and_goes_out_later(
    misdeed: str, office: Office
) -> None:
    await office.put()
    async with sink_that(("RCPT", misdeed)) as sink:
        await office.work(sink, asked(1))
        waiting = await office.only()
        assert (waiting.state, waiting.attempts) == (State.QUEUED, 1)
        assert waiting.due_at > waiting.created_at
        assert waiting.last_answer
        assert not sink.mails

        sink.release()
        office.clock.advance(3)
        await office.work(sink, lambda sink: len(sink.mails) == 1)
    sent = await office.only()
    assert (sent.state, sent.attempts) == (State.SENT, 2)


async def test_a_mail_whose_code_would_be_dead_is_never_sent(office: Office) -> None:
    await office.put()
    async with sink_that(("RCPT", "451 4.7.1 greylisted")) as sink:
        await office.work(sink, asked(1))
        office.clock.advance(LIFE_SECONDS)
        await office.put("bob@example.com")
        await office.work(sink, lambda sink: len(sink.mails) == 1)

        assert sink.mails[0].recipients == ("bob@example.com",)
    (late,) = await office.listed(State.LATE)
    assert (late.recipient, late.last_answer) == ("ann@example.com", "too late")


async def test_the_newest_mails_come_first_and_only_those_of_a_state(office: Office) -> None:
    for name in ("ann", "bob", "cleo"):
        await office.put(f"{name}@example.com")
        office.clock.advance(1)

    recipients = [mail.recipient for mail in await office.listed(State.QUEUED)]
    assert recipients == ["cleo@example.com", "bob@example.com", "ann@example.com"]
    assert await office.listed(State.SENT) == []
    assert len(await outbox.newest(office.database.reader(), None, 2)) == 2


async def test_two_workers_send_each_mail_once(office: Office) -> None:
    for number in range(20):
        await office.put(f"user{number}@example.com")
    async with sink_that() as sink:
        await asyncio.gather(*(office.work(sink, lambda s: len(s.mails) >= 20) for _ in range(2)))

        assert sorted(mail.recipients[0] for mail in sink.mails) == sorted(
            f"user{number}@example.com" for number in range(20)
        )
