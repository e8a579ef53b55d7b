"""A mail server that is away, slow, forgetful or refuses: every mail that is due arrives."""

from __future__ import annotations

from tests.faults.history import Outcome
from tests.faults.load import Journey, Load
from tests.faults.trial import Trial, until

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


async def test_it_is_down_for_longer_than_a_code_lives(on_sqlite: Trial) -> None:
    """The code is not sent any more, a new one is; the word that somebody is bound still is."""
    (node,) = on_sqlite.nodes
    sink = on_sqlite.sink
    node.start()
    await on_sqlite.invite(PEOPLE // 4)
    ann, bob = (
        Journey(f"{name}@example.com", on_sqlite.members.pop(), None) for name in ("ann", "bob")
    )
    async with on_sqlite.watched():
        async with Load(on_sqlite, name="before") as load:
            await load.more(20, Outcome.DONE)
        await on_sqlite.settled()
        sink.go_away()
        async with Load(on_sqlite, walkers=0) as load:
            await load.asks(ann)
            await load.binds(bob, bob.ann, await on_sqlite.cluster.issue(bob.email))
        # The time that passes, since a process of its own has no clock that a test could move.
        back = LONGER_THAN_A_CODE * 1000
        for change in (
            f"UPDATE outbox SET give_up_at = give_up_at - {back} WHERE recipient = '{ann.email}'",
            f"UPDATE verification_codes SET expires_at = expires_at - {back}",
        ):
            assert await on_sqlite.cluster.change(change) > 0
        await until(lambda: _is_late(on_sqlite, ann.email), 60)
        sink.come_back()
        async with Load(on_sqlite, name="after") as load:
            await load.walks(ann)
            await load.more(20, Outcome.DONE)
    found = await on_sqlite.verdict(busy_is_no=True)
    assert found.given_up == {ann.email: 1}
    assert found.receipts[bob.email] == 1
    assert {(ann.email, ann.ann.user_id), (bob.email, bob.ann.user_id)} <= set(found.owners)


async def _is_late(trial: Trial, email: str) -> bool:
    rows = await trial.cluster.rows(f"SELECT state FROM outbox WHERE recipient = '{email}'")
    return [row[0] for row in rows] == ["late"]
