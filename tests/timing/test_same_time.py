"""The time an answer takes does not tell which accounts exist, or in what state they are.

What is compared is the area under the Mann-Whitney curve over at least 2,000 interleaved pairs:
0.5 where nobody can tell. With 2,000 pairs its standard error is 0.0091, so the bounds are 3.3
of them away: chance alone leaves them once in a thousand times. Then twice as many pairs decide,
and then four times as many, where they are 6.6 away. A difference of 200 microseconds, planted,
is found by the same measurement.

The passwords' work is made small here, or it would hide everything else; `test_same_answer.py`
sees to it that it is the same, as all other work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from gatepost.vocabulary.channel import Channel
from tests.conftest import SERVER_KEYS
from tests.support import strangers
from tests.support.stopwatch import Call, area_under_curve, in_random_order, undisturbed
from tests.support.strangers import SERVED
from tests.support.town import KINDS, KNOWN, UNKNOWN, Town, address, new_town
from tests.support.world import CHEAP, ROOMY, App

PAIRS = 2_000
LOOKS = (PAIRS, 2 * PAIRS, 4 * PAIRS)
BOUND = 0.03
PLANTED = 200_000
"""Nanoseconds."""

WARM_UP = 100
WRONG = "not a code"
LONG_LIVES = {
    "verifyCodeResendInterval": "3600",
    "verifyCodeExpiresIn": "3600",
    "verifyCodeLongestLife": "7200",
}
ONE_MAIL = {
    "limits.sendsPerMailboxHour": "1",
    "limits.sendsPerMailboxHourFromOneClient": "1",
}
TWO = (UNKNOWN, KNOWN)


class Step(NamedTuple):
    """What is asked of each address and answered, and what must have been asked before."""

    call: Callable[[App, str], Call]
    expected: int = 200
    before: Channel | None = None
    kinds: Sequence[str] = TWO
    settings: dict[str, str] = ROOMY


pytestmark = pytest.mark.timing


def _sending(channel: Channel) -> Callable[[App, str], Call]:
    return lambda _, email: strangers.sending(email, channel)


LOGIN, RESET = Channel.LOGIN, Channel.RESET_PASSWORD
IN_ALL_STATES = (LOGIN, RESET, Channel.DELETE_ACCOUNT)
STEPS = {
    **{
        str(channel): Step(_sending(channel), kinds=KINDS if channel in IN_ALL_STATES else TWO)
        for channel in SERVED
    },
    "too soon": Step(_sending(LOGIN), 422, LOGIN),
    "over the limit": Step(_sending(RESET), 429, LOGIN, settings=ROOMY | ONE_MAIL),
    "password": Step(strangers.password, 403, kinds=KINDS),
    "code": Step(lambda app, to: strangers.pass_code(app, to, WRONG), 400, LOGIN, KINDS),
    "code to reset": Step(lambda _, to: strangers.reset(to, WRONG), 400, RESET, KINDS),
    "look": Step(lambda _, to: strangers.look(to, RESET, WRONG), 200, RESET),
}


async def timed(town: Town, step: Step, rounds: range, planted: str) -> dict[str, list[int]]:
    """Nanoseconds for each kind of account."""
    await town.grow(rounds.stop)
    found: dict[str, list[int]] = {kind: [] for kind in step.kinds}
    for kind, n in in_random_order(step.kinds, rounds):
        email = address(kind, n)
        if step.before is not None:
            assert (await town.door.answer(strangers.sending(email, step.before)))[0] == 200
        slower = PLANTED if kind == planted else 0
        answered, took = await town.door.answer(step.call(town.app, email), slower)
        assert answered == step.expected, (kind, n)
        found[kind].append(took)
    return found


def areas(found: dict[str, list[int]]) -> dict[str, float]:
    """How well each kind can be told from an address without an account."""
    return {
        kind: area_under_curve(times, found[UNKNOWN])
        for kind, times in found.items()
        if kind != UNKNOWN
    }


async def told_apart(template: Path, step: Step, planted: str = "") -> dict[str, float]:
    """The kinds that can be told from an address without an account, however often one looks."""
    async with new_town(template, SERVER_KEYS, CHEAP, **LONG_LIVES, **step.settings) as town:
        await timed(town, step, range(WARM_UP), planted)
        found: dict[str, list[int]] = {kind: [] for kind in step.kinds}
        outside: dict[str, float] = {}
        with undisturbed():
            for pairs in LOOKS:
                rounds = range(WARM_UP + len(found[UNKNOWN]), WARM_UP + pairs)
                for kind, more in (await timed(town, step, rounds, planted)).items():
                    found[kind] += more
                outside = {k: area for k, area in areas(found).items() if abs(area - 0.5) > BOUND}
                if not outside:
                    break
        return outside


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
async def test_nobody_can_tell(sqlite_template: Path, step: Step) -> None:
    assert await told_apart(sqlite_template, step) == {}


@pytest.mark.parametrize("name", [str(LOGIN), "password"])
async def test_a_planted_difference_is_found(sqlite_template: Path, name: str) -> None:
    step = STEPS[name]._replace(kinds=TWO)
    found = await told_apart(sqlite_template, step, planted=KNOWN)
    assert found[KNOWN] > 0.5 + BOUND


def test_the_area_is_that_of_mann_and_whitney() -> None:
    assert area_under_curve([1, 2, 3], [1, 2, 3]) == 0.5
    assert area_under_curve([2, 3], [0, 1]) == 1
    assert area_under_curve([0, 2], [1, 1]) == 0.5
    assert area_under_curve([1, 2], [1, 1]) == 0.75
