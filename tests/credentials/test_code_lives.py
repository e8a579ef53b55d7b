"""How long a code lives, and what a resend gives it."""

from __future__ import annotations

from tests.support.backstage import (
    CODE_EXPIRED,
    CODE_INCORRECT,
    OK,
    said,
    wrong,
)
from tests.support.codes import looks, new_code, roomy_app
from tests.support.world import World


async def test_a_code_is_accepted_to_its_last_second_and_said_to_be_late_after_it(
    still: World,
) -> None:
    ann = await still.person("ann", await roomy_app(still))
    await ann.asks_to_bind("ann@example.com")
    code = await still.code("ann@example.com")
    still.clock.advance(299)
    assert await looks(ann, "ann@example.com", code)
    still.clock.advance(2)
    assert not await looks(ann, "ann@example.com", code)
    for _ in range(6):  # late, but right: it takes no tries
        assert said(await ann.binds("ann@example.com", code)) == CODE_EXPIRED
    assert said(await ann.binds("ann@example.com", wrong(code))) == CODE_INCORRECT


async def test_a_resend_mails_the_same_code_and_gives_it_more_time_up_to_ten_minutes(
    still: World,
) -> None:
    ann = await still.person("ann", await roomy_app(still))
    await ann.asks_to_bind("ann@example.com")
    first = await still.mail.to("ann@example.com")
    assert "5 minutes" in first.text
    still.clock.advance(200)
    await ann.asks_to_bind("ann@example.com")
    second = await still.mail.to("ann@example.com", 2)
    assert second.code == first.code and "5 minutes" in second.text
    still.clock.advance(299)  # 499 s after it was made: past its first end
    assert await looks(ann, "ann@example.com", first.code or "")
    still.clock.advance(2)
    assert not await looks(ann, "ann@example.com", first.code or "")


async def test_an_extension_ends_ten_minutes_after_the_first_mail(still: World) -> None:
    ann = await still.person("ann", await roomy_app(still))
    await ann.asks_to_bind("ann@example.com")
    first = await still.code("ann@example.com")
    still.clock.advance(420)
    await ann.asks_to_bind("ann@example.com")  # 180 s would be left: still worth it
    again = await still.mail.to("ann@example.com", 2)
    assert again.code == first and "3 minutes" in again.text
    still.clock.advance(179)
    assert await looks(ann, "ann@example.com", first)
    still.clock.advance(2)
    assert said(await ann.binds("ann@example.com", first)) == CODE_EXPIRED


async def test_with_less_than_three_minutes_to_win_a_new_code_comes(still: World) -> None:
    ann = await still.person("ann", await roomy_app(still))
    await ann.asks_to_bind("ann@example.com")
    first = await still.code("ann@example.com")
    still.clock.advance(421)
    await ann.asks_to_bind("ann@example.com")
    fresh = await still.mail.to("ann@example.com", 2)
    assert fresh.code != first and "5 minutes" in fresh.text
    assert said(await ann.binds("ann@example.com", first)) == CODE_INCORRECT
    assert said(await ann.binds("ann@example.com", fresh.code or "")) == OK


async def test_a_late_first_mail_still_works(still: World) -> None:
    ann = await still.person("ann", await roomy_app(still))
    await ann.asks_to_bind("ann@example.com")
    late = await still.code("ann@example.com")
    for count in (2, 3, 4):
        await new_code(ann, "ann@example.com", count)
    assert said(await ann.binds("ann@example.com", late)) == OK


async def test_a_clock_that_steps_back_makes_no_code_immortal(still: World) -> None:
    ann = await still.person("ann", await roomy_app(still))
    await ann.asks_to_bind("ann@example.com")
    code = await still.code("ann@example.com")
    still.clock.advance(-30)  # as a clock is set right now and then
    assert await looks(ann, "ann@example.com", code)
    still.clock.advance(-3570)
    assert not await looks(ann, "ann@example.com", code)
    assert said(await ann.asks_to_bind("ann@example.com")) == OK
    fresh = await still.code("ann@example.com", 2)
    assert fresh != code
    assert said(await ann.binds("ann@example.com", code)) == CODE_INCORRECT
    assert said(await ann.binds("ann@example.com", fresh)) == OK
