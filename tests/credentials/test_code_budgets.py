"""The budget of wrong answers that no resend can reset."""

from __future__ import annotations

from tests.support.backstage import (
    CODE_INCORRECT,
    OK,
    TOO_MANY_REQUESTS,
    change,
    mails_are_done,
    rows,
    said,
    wrong,
)
from tests.support.codes import SEND, ask, looks, new_code, roomy_app, wrong_answers
from tests.support.world import World

ANN = "ann@example.com"
UNBIND, DELETE = "CHANNEL_UNBIND_EMAIL", "CHANNEL_DELETE_ACCOUNT"
USED_UP = (
    "INSERT INTO failure_budgets"
    " (id, hour_started_at, hour_failures, in_a_row, over_until, last_failed_at)"
    " VALUES (:id, 0, 0, 0, :until, 0)"
)


async def test_the_budget_of_wrong_answers_outlives_every_resend(still: World) -> None:
    app = await roomy_app(still)
    ann, bob = await still.person("ann", app), await still.person("bob", app)
    await ann.asks_to_bind("other@example.com")
    assert len(await still.code("other@example.com")) == 6
    mails = await wrong_answers(ann, "ann@example.com", 19)
    twentieth = await still.code("ann@example.com", mails)
    assert len(twentieth) == 6
    assert await looks(ann, "ann@example.com", twentieth)  # the twentieth look may be right
    await ann.binds("ann@example.com", wrong(twentieth))
    still.clock.advance(61)
    await ann.asks_to_bind("ann@example.com")
    long = await still.code("ann@example.com", 5)
    assert len(long) == 10
    await ann.asks_to_bind("other@example.com")  # the budget is also hers, wherever she asks
    assert len(await still.code("other@example.com", 2)) == 10
    assert said(await ann.binds("ann@example.com", long)) == OK
    # The proof has cleared her and the address; another's failures there were never his.
    await bob.asks_to_bind("bob@example.com")
    assert len(await still.code("bob@example.com")) == 6
    assert await rows(still, "SELECT id FROM failure_budgets") == []


async def test_short_codes_die_when_the_budget_is_used_up_and_live_again_after_a_day(
    still: World,
) -> None:
    app = await roomy_app(still)
    ann, bob = await still.person("ann", app), await still.person("bob", app)
    mails = await wrong_answers(ann, "ann@example.com", 15)
    await ann.asks_to_bind("other@example.com")
    short = await still.code("other@example.com")
    assert await looks(ann, "other@example.com", short)
    mails = await wrong_answers(ann, "ann@example.com", 5, mails)
    assert said(await ann.binds("other@example.com", short)) == CODE_INCORRECT
    still.clock.advance(61)
    await bob.asks_to_bind("ann@example.com")  # the address has failed too, whoever asks
    assert len(await still.code("ann@example.com", mails + 1)) == 10
    still.clock.advance(86_400 - 61)
    await ann.asks_to_bind("other@example.com")
    assert len(await still.code("other@example.com", 2)) == 6


async def test_a_hundred_wrong_answers_in_a_row_use_the_budget_up_however_slowly(
    still: World,
) -> None:
    ann = await still.person("ann", await roomy_app(still))
    mails = 0
    for _ in range(5):
        mails = await wrong_answers(ann, "ann@example.com", 19, mails)
        still.clock.advance(3600)
    mails = await wrong_answers(ann, "ann@example.com", 4, mails)
    last = await still.code("ann@example.com", mails)
    assert len(last) == 6 and await looks(ann, "ann@example.com", last)
    assert said(await ann.binds("ann@example.com", wrong(last))) == CODE_INCORRECT
    assert len(await new_code(ann, "ann@example.com", mails + 1)) == 10


async def test_a_strict_pool_refuses_instead_of_lengthening(still: World) -> None:
    ann = await still.person("ann", await roomy_app(still, strictCodeBudget="true"))
    mails = await wrong_answers(ann, "ann@example.com", 20)
    code = await still.code("ann@example.com", mails)
    still.clock.advance(61)
    refused = await ann.asks_to_bind("other@example.com")
    assert said(refused) == TOO_MANY_REQUESTS and refused["data"] == {"retryAfter": 3600}
    assert said(await ann.binds("ann@example.com", code)) == CODE_INCORRECT
    still.clock.advance(86_400)
    fresh = await new_code(ann, "other@example.com", 1)
    assert said(await ann.binds("other@example.com", fresh)) == OK


async def test_a_strict_pool_does_not_even_compare(still: World) -> None:
    ann = await still.person("ann", await roomy_app(still, strictCodeBudget="true"))
    await wrong_answers(ann, "ann@example.com", 15)
    await ann.asks_to_bind("other@example.com")
    right = await still.code("other@example.com")
    for _ in range(5):
        await ann.binds("other@example.com", wrong(right))
    still.clock.advance(10)
    await change(still, "UPDATE verification_codes SET tries = 0")
    assert said(await ann.binds("other@example.com", right)) == TOO_MANY_REQUESTS


async def test_strangers_are_not_told_that_somebody_has_used_up_a_budget(still: World) -> None:
    app = await roomy_app(still, strictCodeBudget="true", limits__codeFailuresPerHour="2")
    proved = {"email": ANN, "email_verified": True}
    ann = await still.person("ann", app, **proved)
    for channel in (UNBIND, DELETE):
        assert said(await ann.post(SEND, {"email": ANN, "channel": channel})) == OK
        for _ in range(2):
            assert not await looks(ann, ANN, "000000", channel)
        await change(still, "DELETE FROM failure_budgets WHERE id LIKE 'user %'")
    still.clock.advance(61)
    mailed = len(still.mail.all_to(ANN))
    await change(still, "DELETE FROM failure_budgets WHERE id LIKE '%UNBIND%'")
    await change(still, USED_UP, id=f"user {ann.user_id}", until=still.clock() + 10**6)
    for channel in (UNBIND, DELETE):
        assert said(await ask(still, app, ANN, channel)) == OK
        still.clock.advance(61)
        told = await ann.post(SEND, {"email": ANN, "channel": channel})
        assert said(told) == TOO_MANY_REQUESTS  # to her it is no secret
    await mails_are_done(still)
    assert len(still.mail.all_to(ANN)) == mailed
