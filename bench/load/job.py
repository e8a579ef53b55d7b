"""What the load driver is told to do, and what it tells back."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from enum import Enum


class Needs(Enum):
    """What a request must have from before it can be sent."""

    NOTHING = "nothing"
    ANSWER = "answer"
    """A text from the answer before, between `after` and the next quotation mark."""
    MAIL = "mail"
    """The code in the mail to `after`."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as octets. What it needs goes between `head` and `tail`.

    `expect` is what a right answer contains.
    """

    head: bytes
    expect: bytes
    tail: bytes = b""
    needs: Needs = Needs.NOTHING
    after: bytes = b""


Flow = tuple[Request, ...]
"""The requests of one operation, one after another, on one connection."""


@dataclass(frozen=True, slots=True)
class Job:
    """Flows for so many connections, each of which begins the next when it has ended one.

    That is a closed loop: the rate is what the server makes of it. With `every_seconds` flows
    are due at fixed instants instead, and waits count from when each was due. Ends when the
    flows are used up or after `seconds`; what was begun is ended.
    """

    flows: list[Flow]
    connections: int
    seconds: float
    every_seconds: float = 0.0


@dataclass(slots=True)
class Outcome:
    """What became of a job: one latency a flow, in nanoseconds; the first flows of the job."""

    latencies: array[int]
    seconds: float
    client_seconds: float
    failures: list[bytes] = field(default_factory=list)

    @property
    def done(self) -> int:
        """How many flows ended as they should."""
        return len(self.latencies)


@dataclass(slots=True)
class Post:
    """The mails that came since the mailbox was opened anew."""

    by_domain: dict[bytes, int] = field(default_factory=dict)
    instants: array[float] = field(default_factory=lambda: array("d"))

    @property
    def rate(self) -> float:
        """Mails a second, without the first and last twentieth, in which the rest is slow."""
        cut = len(self.instants) // 20
        middle = self.instants[cut : len(self.instants) - cut]
        if len(middle) < 2 or middle[-1] == middle[0]:
            return 0.0
        return (len(middle) - 1) / (middle[-1] - middle[0])
