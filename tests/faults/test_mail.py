"""A mail server that is away, slow, forgetful or refuses: every mail that is due arrives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.conftest import trial_over
from tests.faults.history import Outcome
from tests.faults.load import Journey, Load
from tests.faults.trial import Trial, free_port, until
from tests.support.cluster import Crowd, Member
from tests.support.sink_thread import SinkThread

PEOPLE = 128
LONGER_THAN_A_CODE = 3600


async def test_it_is_slow_drops_and_says_no_for_now_or_for_good(on_sqlite: Trial) -> None:
    (node,) = on_sqlite.nodes
    node.start()
    await on_sqlite.invite(PEOPLE)
    sink = on_sqlite.sink
    async with on_sqlite.watched(), Load(on_sqlite) as load:
        await load.more(10)
        sink.plan(("body", "drop"), ("DATA", "drop"), ("greeting", "drop"))
        await load.more(10, Outcome.DONE)
        sink.plan(("RCPT", "451 4.3.0 later"), ("body", "451 4.3.0 later"), ("MAIL", "451 later"))
        await load.more(10, Outcome.DONE)
        sink.plan(("RCPT", "550 5.1.1 nobody here"), ("body", "550 5.7.1 not this"))
        await load.more(20, Outcome.DONE)
        for _ in range(4):  # every connection that there may be
            sink.plan(("body", "hang"))
        await until(lambda: _all_hang(on_sqlite), 60)
        await load.asks(Journey("slow@example.com", on_sqlite.members.pop(), None))
        sink.release()
        await load.more(20, Outcome.DONE)
    found = await on_sqlite.verdict(busy_is_no=True)
    assert sum(found.given_up.values()) == 2
    load.most_arrived(found)


async def _all_hang(trial: Trial) -> bool:
    return not trial.sink.sink.script


@pytest.fixture
def without_sink(tmp_path: Path, password_hash: str) -> Iterator[Trial]:
    """A trial whose mail server does not run yet."""
    sink = SinkThread(free_port())
    sink.url = f"smtp://127.0.0.1:{sink.sink.port}"
    trial = trial_over(f"sqlite:///{tmp_path / 'gatepost.db'}", tmp_path, password_hash, sink)
    yield trial
    trial.end()


async def test_it_is_down_for_longer_than_a_code_lives(without_sink: Trial) -> None:
    """The code is not sent any more, a new one is; the word that somebody is bound still is."""
    trial, email = without_sink, "ann@example.com"
    (node,) = trial.nodes
    node.start()
    await trial.invite(16)
    ann, bob = trial.members[:2]
    code = await trial.cluster.issue("bob@example.com")
    async with Crowd(trial.cluster) as crowd:
        assert await _is_asked(crowd, ann, email)
        assert (await crowd.binds(bob, "bob@example.com", code))["statusCode"] == 200
        # The time that passes, since a process of its own has no clock that a test could move.
        back = LONGER_THAN_A_CODE * 1000
        for change in (
            f"UPDATE outbox SET give_up_at = give_up_at - {back} WHERE recipient = '{email}'",
            f"UPDATE verification_codes SET expires_at = expires_at - {back}",
        ):
            assert await trial.cluster.change(change) > 0
        with ExitStack() as stack:
            sink = stack.enter_context(trial.sink)
            await trial.ready(node)
            await until(lambda: _got(sink, "bob@example.com"), 60)
            await until(lambda: _is_late(trial, email), 60)
            assert not await _got(sink, email)
            await until(lambda: _is_asked(crowd, ann, email), 60)
            await until(lambda: _got(sink, email), 60)
            fresh = sink.code_to(email)
            assert fresh and (await crowd.binds(ann, email, fresh))["statusCode"] == 200
            found = await trial.settled()
    assert dict(found.owners) == {email: ann.user_id, "bob@example.com": bob.user_id}


async def _got(sink: SinkThread, email: str) -> bool:
    return any(email in mail.recipients for mail in tuple(sink.mails))


async def _is_late(trial: Trial, email: str) -> bool:
    rows = await trial.cluster.rows(f"SELECT state FROM outbox WHERE recipient = '{email}'")
    return [row[0] for row in rows] == ["late"]


async def _is_asked(crowd: Crowd, who: Member, email: str) -> bool:
    return bool((await crowd.asks(email, who))["statusCode"] == 200)
