"""The checker finds what is planted, and nothing in a history that is right."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import httpx
import pytest

from tests.faults.checker import Found, problems
from tests.faults.history import History, Kind, Operation, Outcome, judged

EMAIL = "ann@example.com"
RIGHT = Found(((EMAIL, "ann"),), Counter({EMAIL: 1}), Counter({EMAIL: 1}))


def did(
    kind: Kind, who: str, outcome: Outcome, at: float = 0.0, told: str = "", took: float = 0.5
) -> Operation:
    return Operation(kind, who, EMAIL, "123456", at, at + took, outcome, told)


def story(*more: Operation) -> History:
    """Ann asks, binds and looks; then whatever else."""
    told = [
        did("send", "ann", Outcome.DONE, 0),
        did("bind", "ann", Outcome.DONE, 1),
        did("look", "ann", Outcome.DONE, 2, EMAIL),
    ]
    return History([*told, *more])


def unsure(outcome: Outcome) -> History:
    """Ann does not know whether she bound it."""
    return History([did("send", "ann", Outcome.DONE), did("bind", "ann", outcome, 1)])


UNSPENT = frozenset({(EMAIL, "123456")})
UNBOUND = replace(RIGHT, owners=(), receipts=Counter())


@pytest.mark.parametrize(
    ("history", "found"),
    [
        (story(), RIGHT),
        (story(did("bind", "bob", Outcome.REFUSED, 3)), RIGHT),
        (story(did("bind", "bob", Outcome.UNANSWERED, 3)), RIGHT),
        (story(did("look", "ann", Outcome.DONE, 1.2)), RIGHT),  # it began before the answer
        (unsure(Outcome.UNANSWERED), RIGHT),
        (story(did("enter", "", Outcome.DONE, 3)), RIGHT),
        (story(did("enter", "", Outcome.DONE, 3), did("enter", "", Outcome.REFUSED, 3)), RIGHT),
        (story(), replace(RIGHT, unspent=frozenset({(EMAIL, "654321")}))),  # a newer one
        (story(), replace(RIGHT, codes=Counter(), given_up=Counter([EMAIL]))),
        (unsure(Outcome.UNANSWERED), UNBOUND),
        (unsure(Outcome.BUSY), RIGHT),
        (unsure(Outcome.BUSY), UNBOUND),
        (unsure(Outcome.REFUSED), UNBOUND),
        (
            story(did("send", "ann", Outcome.UNANSWERED, 3)),
            replace(RIGHT, codes=Counter([EMAIL] * 2)),
        ),
    ],
)
def test_a_right_history_has_no_problem(history: History, found: Found) -> None:
    assert problems(history, found) == []


@pytest.mark.parametrize(
    ("history", "found", "words"),
    [
        (story(), UNBOUND, "lost"),
        (story(), replace(RIGHT, owners=((EMAIL, "bob"),)), "lost"),
        (unsure(Outcome.REFUSED), RIGHT, "it was refused"),
        (History([did("send", "ann", Outcome.DONE)]), RIGHT, "nobody bound it"),
        (story(did("bind", "bob", Outcome.UNANSWERED, 3)),
         replace(RIGHT, owners=((EMAIL, "ann"), (EMAIL, "bob"))), "2 owners"),
        (story(did("bind", "ann", Outcome.DONE, 3)), RIGHT, "worked 2 times"),
        (story(did("bind", "bob", Outcome.DONE, 3)), RIGHT, "given to 2 people"),
        (story(did("enter", "", Outcome.DONE, 3), did("enter", "", Outcome.DONE, 3)), RIGHT,
         "worked 2 times (enter)"),
        (story(), replace(RIGHT, unspent=UNSPENT), "would work again: bind"),
        (History([did("enter", "", Outcome.DONE)]), replace(UNBOUND, unspent=UNSPENT),
         "would work again: enter"),
        (story(did("look", "ann", Outcome.DONE, 3)), RIGHT, "not seen"),
        (story(), replace(RIGHT, codes=Counter()), "got 0 of 1 codes"),
        (story(did("send", "ann", Outcome.REFUSED, 3)),
         replace(RIGHT, codes=Counter([EMAIL] * 2)), "asked for were 1"),
        (story(), replace(RIGHT, receipts=Counter()), "never told"),
        (unsure(Outcome.UNANSWERED), replace(UNBOUND, receipts=Counter([EMAIL])), "and is not"),
        (story(did("look", "ann", Outcome.WRONG, 3, "500")), RIGHT, "a wrong answer"),
        (story(did("look", "bob", Outcome.BUSY, 3, took=5.1)), RIGHT, "over 5.0 s"),
        (story(did("look", "bob", Outcome.UNANSWERED, 3, took=9)), RIGHT, "over 5.0 s"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found(history: History, found: Found, words: str) -> None:
    told = problems(history, found)
    assert any(words in problem for problem in told), told


def test_where_a_503_is_a_no_nothing_may_have_happened() -> None:
    assert problems(unsure(Outcome.BUSY), UNBOUND, busy_is_no=True) == []
    (problem,) = problems(unsure(Outcome.BUSY), RIGHT, busy_is_no=True)
    assert "there although" in problem


def test_what_the_machine_itself_held_up_is_no_hang() -> None:
    slow = story(did("look", "bob", Outcome.BUSY, 3, took=5.5))
    assert problems(slow, RIGHT, lag=1.0) == []


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (httpx.Response(503, headers={"retry-after": "1"}), Outcome.BUSY),
        (httpx.Response(503), Outcome.WRONG),
        (httpx.Response(500, headers={"retry-after": "1"}), Outcome.WRONG),
        (httpx.Response(429), Outcome.WRONG),
        (httpx.Response(200, json={"statusCode": 400, "apiCode": 2001}), Outcome.REFUSED),
        (httpx.Response(200, json={"statusCode": 200, "data": {"email": EMAIL}}), Outcome.DONE),
    ],
)
def test_only_a_503_that_says_when_to_come_again_is_a_right_way_to_be_busy(
    response: httpx.Response, outcome: Outcome
) -> None:
    assert judged(response)[0] == outcome
