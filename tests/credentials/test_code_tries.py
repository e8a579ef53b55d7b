"""How many wrong answers a code bears."""

from __future__ import annotations

from tests.support.backstage import (
    CODE_INCORRECT,
    OK,
    calling_from,
    mails_are_done,
    said,
    wrong,
)
from tests.support.codes import ask, enter, looks, new_code, roomy_app
from tests.support.world import App, World

ANN = "ann@example.com"


async def test_after_five_wrong_answers_the_right_one_is_wrong_too(still: World) -> None:
    ann = await still.person("ann", await roomy_app(still))
    await ann.asks_to_bind("ann@example.com")
    code = await still.code("ann@example.com")
    for _ in range(20):  # a right look takes no try
        assert await looks(ann, "ann@example.com", code)
    for _ in range(3):
        assert not await looks(ann, "ann@example.com", wrong(code))
    for _ in range(2):
        assert said(await ann.binds("ann@example.com", wrong(code))) == CODE_INCORRECT
    refused = await ann.binds("ann@example.com", code)
    assert said(refused) == CODE_INCORRECT
    assert not await looks(ann, "ann@example.com", code)
    fresh = await new_code(ann, "ann@example.com", 2)
    assert fresh != code
    assert said(await ann.binds("ann@example.com", code)) == CODE_INCORRECT
    assert said(await ann.binds("ann@example.com", fresh)) == OK


async def test_one_stranger_cannot_use_up_the_tries_of_others(still: World) -> None:
    app = await roomy_app(still)
    await still.person("ann", app, sign_in=False, email="ann@example.com")
    await ask(still, app, "ann@example.com")
    code = await still.code("ann@example.com")
    async with calling_from(still, "203.0.113.66") as mallorys:
        for _ in range(25):
            answer = await enter(mallorys, app, "ann@example.com", wrong(code))
            assert said(answer) == CODE_INCORRECT
        assert said(await enter(mallorys, app, "ann@example.com", code)) == CODE_INCORRECT
    assert said(await enter(still, app, "ann@example.com", code)) == OK


async def guesses_and_asks(stranger: World, app: App, code: str) -> None:
    """All of a stranger's own tries, and the same code asked for again as soon as may be."""
    for _ in range(5):
        assert said(await enter(stranger, app, ANN, wrong(code))) == CODE_INCORRECT
    stranger.clock.advance(61)
    assert said(await ask(stranger, app, ANN)) == OK
    await mails_are_done(stranger)


async def test_nor_can_one_who_asks_for_the_code_again_and_again(still: World) -> None:
    app = await roomy_app(still)
    await still.person("ann", app, sign_in=False, email=ANN)
    await ask(still, app, ANN)
    code = await still.code(ANN)
    async with calling_from(still, "203.0.113.66") as mallorys:
        for _ in range(4):
            await guesses_and_asks(mallorys, app, code)
    assert await still.code(ANN, 5) == code
    for _ in range(4):
        assert said(await enter(still, app, ANN, wrong(code))) == CODE_INCORRECT
    assert said(await enter(still, app, ANN, code)) == OK


async def test_who_burns_a_short_code_by_the_budget_burns_no_long_one(still: World) -> None:
    app = await roomy_app(still)
    await still.person("ann", app, sign_in=False, email=ANN)
    await ask(still, app, ANN)
    code = await still.code(ANN)
    async with calling_from(still, "203.0.113.66") as mallorys:
        for _ in range(3):
            await guesses_and_asks(mallorys, app, code)
        still.clock.advance(600)
        await ask(still, app, ANN)
        short = await still.code(ANN, 5)
        await guesses_and_asks(mallorys, app, short)
        assert said(await enter(still, app, ANN, short)) == CODE_INCORRECT
        long = await still.code(ANN, 6)
        assert (len(short), len(long)) == (6, 10)
        for _ in range(4):
            await guesses_and_asks(mallorys, app, long)
    assert said(await enter(still, app, ANN, long)) == OK


async def test_a_code_without_a_sign_in_bears_twenty_wrong_answers_in_all(still: World) -> None:
    app = await roomy_app(still)
    await still.person("ann", app, sign_in=False, email="ann@example.com")
    await ask(still, app, "ann@example.com")
    code = await still.code("ann@example.com")
    for host in range(1, 5):
        async with calling_from(still, f"203.0.113.{host}") as mallorys:
            for _ in range(5):
                await enter(mallorys, app, "ann@example.com", wrong(code))
    assert said(await enter(still, app, "ann@example.com", code)) == CODE_INCORRECT
    still.clock.advance(61)
    await ask(still, app, "ann@example.com")
    fresh = await still.code("ann@example.com", 2)
    assert fresh != code and len(fresh) == 10
    assert said(await enter(still, app, "ann@example.com", fresh)) == OK
