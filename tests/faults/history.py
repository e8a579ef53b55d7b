"""What people did and what they were told: the history that a fault must not contradict."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import httpx

Kind = Literal["send", "bind", "look", "enter"]
_CUT = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


class Outcome(StrEnum):
    """What an operation came to, as far as who asked can know."""

    DONE = "done"
    REFUSED = "refused"
    BUSY = "busy"  # 503 with Retry-After: come again
    UNANSWERED = "unanswered"  # the connection ended: it may have happened or not
    WRONG = "wrong"  # an answer, or a silence, that nobody should ever get


@dataclass
class Operation:
    """One call. Instants are seconds of a clock that never steps back."""

    kind: Kind
    user_id: str
    email: str
    code: str = ""
    started: float = 0.0
    ended: float = 0.0
    outcome: Outcome = Outcome.UNANSWERED
    told: str = ""

    def __str__(self) -> str:
        took = f"{self.ended - self.started:.2f} s"
        return f"{self.kind} {self.email} by {self.user_id}: {self.outcome} {self.told} ({took})"


@dataclass
class History:
    """Every operation, in the order in which they began."""

    operations: list[Operation] = field(default_factory=list)
    _ended: Counter[Outcome] = field(default_factory=Counter)

    async def note(self, operation: Operation, call: Awaitable[httpx.Response]) -> None:
        """Make a call, and write down when, and what was told.

        Where nobody listens nothing was asked, and nothing is written down.
        """
        self.operations.append(operation)
        operation.started = time.monotonic()
        try:
            operation.outcome, operation.told = judged(await call)
        except httpx.ConnectError:
            self.operations.remove(operation)
            return
        except _CUT:
            operation.outcome = Outcome.UNANSWERED
        except httpx.HTTPError as error:
            operation.outcome, operation.told = Outcome.WRONG, repr(error)
        operation.ended = time.monotonic()
        self._ended[operation.outcome] += 1

    def of(self, kind: Kind, *outcomes: Outcome) -> Iterator[Operation]:
        """The operations of a kind, those with one of these outcomes or all."""
        for operation in self.operations:
            if operation.kind == kind and (not outcomes or operation.outcome in outcomes):
                yield operation

    def count(self, outcome: Outcome) -> int:
        """How many operations that were noted ended so."""
        return self._ended[outcome]


def judged(response: httpx.Response) -> tuple[Outcome, str]:
    """What an answer means, and what it says: the address of a profile, or why not."""
    if response.status_code == 503:
        if response.headers.get("retry-after", "").isdigit():
            return Outcome.BUSY, ""
        return Outcome.WRONG, "503 without Retry-After"
    if response.status_code != 200:
        return Outcome.WRONG, f"{response.status_code} {response.text[:200]}"
    answer = response.json()
    if answer["statusCode"] == 200:
        return Outcome.DONE, (answer.get("data") or {}).get("email") or ""
    return Outcome.REFUSED, f"{answer['statusCode']} {answer.get('apiCode')}"
