"""What it means to hand a mail on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from gatepost.mail.message import Message


@dataclass(frozen=True, slots=True)
class Delivered:
    """The next server took the mail, and answers for it from now on.

    `answer` is what it said to that, where it said something.
    """

    answer: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: the server was out of reach, or said 4xx. Send it again later.

    May also mean that the mail was taken and only the answer was lost.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Never: the server said 5xx to this mail, or it cannot be written. Give up."""

    reason: str


Delivery = Delivered | Deferred | Refused


class Transport(Protocol):
    """A way out for mails. Safe to use by many tasks at once.

    Outcomes are values, not exceptions: a reason or answer may be logged as it stands,
    it holds no address, code or secret.
    """

    async def send(self, message: Message) -> Delivery: ...

    async def close(self) -> None: ...
