"""Holds a history against the rules, whatever happened meanwhile.

Nobody in these histories takes an address off again: who was told that it is bound has it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.history import History, Operation, Outcome

LONGEST_SECONDS = 5.0
_DOUBTFUL = (Outcome.UNANSWERED, Outcome.BUSY)


@dataclass(frozen=True)
class Found:
    """What is there in the end: owners in the database, mails at the sink, each mail once."""

    owners: tuple[tuple[str, str], ...]
    """(address, user id), one for every user who has an address."""
    codes: Counter[str]
    """How many different mails with a code came to an address."""
    receipts: Counter[str]
    """How many different mails came that tell an address that it is bound."""
    given_up: Counter[str] = field(default_factory=Counter)
    """How many mails to an address the mail server refused for good, or were too late."""
    unspent: frozenset[tuple[str, str]] = frozenset()
    """(address, digits) of every code that would still work, were its time not over."""


def problems(
    history: History, found: Found, *, busy_is_no: bool = False, lag: float = 0.0
) -> list[str]:
    """Every rule that is broken, in words.

    `busy_is_no`: a 503 says that nothing happened; otherwise that may be unknown, as where the
    connection to the database is cut in a commit. `lag`: seconds that the machine itself stood
    still at most, which no server can make up for.
    """
    doubtful = (Outcome.UNANSWERED,) if busy_is_no else _DOUBTFUL
    return [
        *_acknowledged_and_lost(history, found),
        *_out_of_nowhere(history, found, doubtful),
        *_two_owners(found),
        *_used_twice(history),
        *_used_and_unspent(history, found),
        *_unseen(history),
        *_mails_missing(history, found, doubtful),
        *_bad_answers(history, LONGEST_SECONDS + lag),
    ]


def _acknowledged_and_lost(history: History, found: Found) -> Iterator[str]:
    there = set(found.owners)
    for bind in history.of("bind", Outcome.DONE):
        if (bind.email, bind.user_id) not in there:
            yield f"lost: {bind}"


def _out_of_nowhere(history: History, found: Found, doubtful: tuple[Outcome, ...]) -> Iterator[str]:
    possible = {(b.email, b.user_id) for b in history.of("bind", Outcome.DONE, *doubtful)}
    for owner in found.owners:
        if owner not in possible:
            yield f"there although nobody bound it, or it was refused: {owner}"


def _two_owners(found: Found) -> Iterator[str]:
    for email, count in Counter(email for email, _ in found.owners).items():
        if count > 1:
            yield f"{email} has {count} owners"


def _let_in(history: History) -> Iterator[Operation]:
    """Whatever was done by showing a code."""
    yield from history.of("bind", Outcome.DONE)
    yield from history.of("enter", Outcome.DONE)


def _used_twice(history: History) -> Iterator[str]:
    codes = Counter((use.kind, use.email, use.code) for use in _let_in(history))
    for (kind, email, _), count in codes.items():
        if count > 1:
            yield f"a code to {email} worked {count} times ({kind})"
    winners: defaultdict[str, set[str]] = defaultdict(set)
    for bind in history.of("bind", Outcome.DONE):
        winners[bind.email].add(bind.user_id)
    for email, people in winners.items():
        if len(people) > 1:
            yield f"{email} was given to {len(people)} people"


def _used_and_unspent(history: History, found: Found) -> Iterator[str]:
    """A bind may be refused for more reasons than its code, so the code itself is asked for."""
    for use in _let_in(history):
        if (use.email, use.code) in found.unspent:
            yield f"its code would work again: {use}"


def _unseen(history: History) -> Iterator[str]:
    """Who looks after a bind was acknowledged sees it, on whichever server."""
    bound: dict[str, Operation] = {b.user_id: b for b in history.of("bind", Outcome.DONE)}
    for look in history.of("look", Outcome.DONE):
        bind = bound.get(look.user_id)
        if bind and look.started > bind.ended and look.told != bind.email:
            yield f"not seen after it was bound: {bind}; {look}"


def _mails_missing(history: History, found: Found, doubtful: tuple[Outcome, ...]) -> Iterator[str]:
    asked = Counter(send.email for send in history.of("send", Outcome.DONE))
    possible = Counter(send.email for send in history.of("send", Outcome.DONE, *doubtful))
    for email, count in asked.items():
        if found.codes[email] + found.given_up[email] < count:
            yield f"{email} got {found.codes[email]} of {count} codes"
    for email, count in found.codes.items():
        if count > possible[email]:
            yield f"{email} got {count} codes, asked for were {possible[email]}"
    owned = {email for email, _ in found.owners}
    for email in sorted(owned - found.receipts.keys() - found.given_up.keys()):
        yield f"{email} was never told that it is bound"
    for email in sorted(found.receipts.keys() - owned):
        yield f"{email} was told that it is bound, and is not"


def _bad_answers(history: History, longest: float) -> Iterator[str]:
    for operation in history.operations:
        if operation.outcome == Outcome.WRONG:
            yield f"a wrong answer: {operation}"
        elif operation.ended - operation.started > longest:
            yield f"over {longest:.1f} s: {operation}"
